; A far CALL in virtual-8086 mode is 8086 style, whatever the number is in the GDT.
; expect: =00000060
%include "prelude.inc"
start:
    to_v86 v86, VM | IOPL3 | 2
bits 16
v86: call 0x60:(V(here) - 0x600)
here: mov ax, cs
    movzx eax, ax
    int 0x3f
    level0
    done
