; A 16-bit call gate copies words and pushes 16-bit CS:IP and SS:SP.
; expect: esp=0000e7f4
; expect: p1=0000aaaa
; expect: p2=0000bbbb
; expect: ipcs=001b0000
; expect: spss=0023fbfc
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE0, inner, 0xe4, 2
    try n1
    to_ring 3, r3
n1: done
inner: show esp
    movzx eax, word [esp + 6]
    showl "p1", eax
    movzx eax, word [esp + 4]
    showl "p2", eax
    mov eax, [esp]
    xor ax, ax
    showl "ipcs", eax
    showl "spss", dword [esp + 8]
    done
r3: push word 0xaaaa
    push word 0xbbbb
    call S1:0
