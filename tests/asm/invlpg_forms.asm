; INVLPG of a register is #UD; its segment's limit is not checked.
; expect: #UD at=reg
; expect: fine=00000001
%include "prelude.inc"
start:
    try n1
reg: db 0x0f, 0x01, 0xf8
n1: desc S1, 0, 0, DATA | B32
    mov eax, S1
    mov fs, eax
    invlpg [fs:0x12345]
    showl "fine", 1
    done
