; JMP through a call gate may not change the level; to a conforming segment it keeps CPL.
; expect: #GP(0008) at=jump
; expect: =0000008b
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE0, start, 0xec
    desc S2, 0, 0xfffff, 0x9e | G32
    gate gdt_entry(S3), S2, conforming, 0xec
    try n1
    to_ring 3, jump
n1: try n2
    to_ring 3, r3
n2: done
jump: jmp S1:0
r3: jmp S3:0
conforming: mov eax, cs
    add eax, 8
    int 0x3f
    level0
    done
