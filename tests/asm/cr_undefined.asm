; MOV to and from CR1, CR5, CR6, CR7 is #UD; MOV ignores ModRM's mod bits.
; expect: #UD at=cr1_
; expect: #UD at=cr5_
; expect: #UD at=cr7_
; expect: same=00000000
%include "prelude.inc"
start:
    try n1
cr1_: db 0x0f, 0x20, 0xc8
n1: try n2
cr5_: db 0x0f, 0x20, 0xe8
n2: try n3
cr7_: db 0x0f, 0x22, 0xf8
n3: mov ecx, cr0
    db 0x0f, 0x20, 0x00
    sub eax, ecx
    showl "same", eax
    done
