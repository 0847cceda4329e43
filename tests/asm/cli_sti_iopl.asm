; CLI and STI at CPL > IOPL take #GP(0), with CPL <= IOPL they work.
; expect: #GP(0000) at=cli_
; expect: #GP(0000) at=sti_
; expect: =00001202
%include "prelude.inc"
start:
    try n1
    to_ring 3, cli_, 0x2002
n1: try n2
    to_ring 3, sti_, 2
n2: try n3
    to_ring 1, r1, 0x1002
n3: done
cli_: cli
sti_: sti
r1: sti
    nop
    pushfd
    pop eax
    int 0x3f
    level0
    done
