; INT3, INTO and INT n from level 3 through a gate of DPL 0 take #GP(vector * 8 + 2); INT1 does not look at the DPL.
; expect: #GP(001a) at=bp_
; expect: #GP(0022) at=of
; expect: #GP(0182) at=int_
; expect: #DB at=after_int1 dr6=0000
; qemu: SDM 2A, INT1: it raises #DB
; qemu expect: #GP(001a) at=bp_
; qemu expect: #GP(0022) at=of
; qemu expect: #GP(0182) at=int_
; qemu expect: #UD at=int1_
%include "prelude.inc"
start:
    try n1
    to_ring 3, bp_
n1: try n2
    to_ring 3, r3of
n2: try n3
    to_ring 3, int_
n3: try n4
    to_ring 3, int1_
n4: done
bp_: int3
r3of: mov al, 0x7f
    add al, 1
of: into
int_: int 0x30
int1_: db 0xf1
after_int1: nop
    done
