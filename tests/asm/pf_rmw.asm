; A read-modify-write of a page that is not present reports a write; of a read-only one too, and nothing is read.
; expect: #PF(0002) at=inc_ cr2=00030000
; expect: #PF(0003) at=xchg_ cr2=00031000
; expect: #PF(0002) at=bts_ cr2=00030008
; expect: #PF(0003) at=cmpxchg_ cr2=00031000
; qemu: SDM 3A 4.7: a read-modify-write is a write
; qemu expect: #PF(0000) at=inc_ cr2=00030000
; qemu expect: #PF(0003) at=xchg_ cr2=00031000
; qemu expect: #PF(0000) at=bts_ cr2=00030008
; qemu expect: #PF(0003) at=cmpxchg_ cr2=00031000
%include "prelude.inc"
start:
    paging 0x10000
    pte 0x30000, 0
    pte 0x31000, 0x31001
    flush
    fault inc_, inc dword [0x30000]
    fault xchg_, xchg eax, [0x31000]
    fault bts_, bts dword [0x30008], 3
    mov eax, 1
    fault cmpxchg_, cmpxchg [0x31000], ecx
    done
