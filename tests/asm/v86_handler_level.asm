; From virtual-8086 mode the handler must be nonconforming code of DPL 0: #GP(CS) else.
; expect: #GP(0028) at=dpl1
; expect: #GP(0078) at=conforming
; qemu: SDM 3B 20.3.1.1: a handler of another level is #GP(CS)
; qemu expect: not in time
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x9e | G32
    gate idt_entry(0x30), CODE1 & ~3, start, 0xee
    gate idt_entry(0x31), S1, start, 0xee
    try n1
    to_v86 dpl1, VM | IOPL3
n1: try n2
    to_v86 conforming, VM | IOPL3
n2: done
bits 16
dpl1: int 0x30
conforming: int 0x31
    done
