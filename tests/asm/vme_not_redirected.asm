; A set bit in the redirection bitmap: INT n with IOPL 0 takes #GP(0), with IOPL 3 it goes through the IDT.
; expect: #GP(0000) at=v86
; expect: INT30 at=after
%include "prelude.inc"
start:
    cr4_set 1
    tss_again 0x88, 0x8f
    idt_dpl3 0x30
    try n1
    to_v86 v86
n1: try n2
    to_v86 v86, VM | IOPL3
n2: done
bits 16
v86: int 0x30
after: hlt
    done
