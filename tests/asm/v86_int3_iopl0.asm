; INT3 and INTO do not look at IOPL, only at the gate's DPL.
; expect: #GP(001a) at=low
; expect: #BP at=after
; expect: #OF at=into_
%include "prelude.inc"
start:
    try n1
    to_v86 low
n1: idt_dpl3 3
    idt_dpl3 4
    try n2
    to_v86 bp_
n2: try n3
    to_v86 of_
n3: done
bits 16
low: int3
bp_: int3
after: hlt
of_: mov al, 0x7f
    inc al
    into
into_: hlt
    done
