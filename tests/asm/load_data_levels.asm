; DPL must not be below CPL or RPL for data; a conforming code segment is read at any level.
; expect: #GP(0010) at=cpl
; expect: #GP(0020) at=below
; expect: =0000007b
; expect: INT3e at=end
%include "prelude.inc"
start:
    desc S1, 0, 0xffff, 0x9e | B32
    idt_dpl3 0x3e
    try n1
    to_ring 3, r3
n1: desc DATA3, 0, 0xfffff, DATA | DPL2 | G32
    mov eax, DATA3
    fault below, mov fs, eax
    desc DATA3, 0, 0xfffff, DATA | DPL3 | G32
    try n2
    to_ring 3, .conforming
.conforming:
    mov eax, S1 | 3
    mov fs, eax
    mov eax, fs
    int 0x3f
    int 0x3e
end:
n2: done
r3: mov eax, DATA0
cpl: mov fs, eax
    done
