; INT n with IOPL 3 goes through the IDT; a gate of DPL below 3 takes #GP(vector * 8 + 2).
; expect: INT30 at=after ss=0000 esp=00000ff0
; expect: #GP(018a) at=low ss=0000 esp=00000ff0
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_SS
    idt_dpl3 0x30
    try n1
    to_v86 v86, VM | IOPL3
n1: try n2
    to_v86 low, VM | IOPL3
n2: done
bits 16
v86: int 0x30
after: hlt
low: int 0x31
    done
