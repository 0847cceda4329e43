; Loading a segment sets its accessed bit, also of SS and CS; a load that faults does not.
; expect: first=000093ff
; expect: cs=00009bff
; expect: #NP(0088) at=np
; expect: np=000012ff
; qemu: SDM 3A 3.4.5.1: a far jump sets the accessed bit of CS
; qemu expect: first=000093ff
; qemu expect: cs=00009aff
; qemu expect: #NP(0088) at=np
; qemu expect: np=000012ff
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x92 | G32
    mov eax, S1
    mov fs, eax
    movzx eax, word [gdt + S1 + 4]
    or eax, 0xff
    showl "first", eax
    desc S2, 0, 0xfffff, 0x9a | G32
    jmp S2:n1
n1: movzx eax, word [gdt + S2 + 4]
    or eax, 0xff
    showl "cs", eax
    desc S3, 0, 0xfffff, 0x12 | G32
    mov eax, S3
    try n2
np: mov fs, eax
n2: movzx eax, word [gdt + S3 + 4]
    or eax, 0xff
    showl "np", eax
    done
