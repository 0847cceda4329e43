; Each level's stack is the TSS's for the gate's level: 3 to 2, 2 to 1, 1 to 0.
; expect: ring=00000042
; expect: ring=00000031
; expect: ring=00000010
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE2, l2, 0xec
    gate gdt_entry(S2), CODE1, l1, 0xec
    gate gdt_entry(S3), CODE0, l0, 0xec
    mov word [idt_entry(0x3f) + 4], 0xee00
    try n1
    to_ring 3, r3
n1: done
r3: call S1:0
l2: mov [0x30000], ss
    call S2:0
l1: mov [0x30004], ss
    call S3:0
l0: movzx eax, word [0x30000]
    showl "ring", eax
    movzx eax, word [0x30004]
    showl "ring", eax
    mov eax, ss
    showl "ring", eax
    done
