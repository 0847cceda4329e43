; CMPXCHG8B that does not match still writes: a read-only page takes #PF as a write.
; expect: #PF(0003) at=bad cr2=00030000
; expect: #UD at=reg
%include "prelude.inc"
start:
    paging 0x10000
    pte 0x30000, 0x30005
    flush
    mov eax, 1
    fault bad, cmpxchg8b [0x30000]
    try n1
reg: db 0x0f, 0xc7, 0xc8
n1: done
    done
