; A task gate of DPL 3 in the IDT from level 3, by INT n; of DPL 0 it is #GP(vector * 8 + 2).
; expect: #GP(018a) at=low
; expect: cs=0000001b
; expect: =0000001b
%include "prelude.inc"
start:
    taskb task, 0
    gate idt_entry(0x30), TSSB, start, 0xe5
    gate idt_entry(0x31), TSSB, start, 0x85
    try n1
    to_ring 3, low
n1: to_ring 3, r3
low: int 0x31
r3: int 0x30
    mov eax, cs
    int 0x3f
    level0
    done
task: movzx eax, word [tss + 0x4c]
    showl "cs", eax
    iretd
