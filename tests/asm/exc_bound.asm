; BOUND outside takes #BR at the instruction; the bounds themselves are inside.
; expect: #BR at=low
; expect: #BR at=high
; expect: #UD at=reg
%include "prelude.inc"
start:
    mov dword [0x30000], -5
    mov dword [0x30004], 10
    mov eax, -5
    bound eax, [0x30000]
    mov eax, 10
    bound eax, [0x30000]
    mov eax, -6
    fault low, bound eax, [0x30000]
    mov eax, 11
    fault high, bound eax, [0x30000]
    try n1
reg: db 0x62, 0xc0
n1: done
    done
