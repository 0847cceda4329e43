; A task gate of DPL 3 lets level 3 switch to a TSS of DPL 0; the TSS itself may not be named there.
; expect: #GP(0060) at=direct
; expect: cs=00000008
%include "prelude.inc"
start:
    taskb task, 0
    gate gdt_entry(S1), TSSB, start, 0xe5
    try n1
    to_ring 3, direct
n1: to_ring 3, r3
direct: call TSSB:0
r3: jmp S1:0
task: mov eax, cs
    showl "cs", eax
    done
