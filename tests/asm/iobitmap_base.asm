; A bitmap base at or beyond the TSS's limit allows nothing; a 16-bit TSS has no bitmap.
; expect: #GP(0000) at=base
; expect: #GP(0000) at=tss16
%include "prelude.inc"
start:
    tss_again 0x108, 0x107
    try n1
    to_ring 3, base
n1: mov word [gdt + TSSW], 0xff
    mov eax, TSSW
    ltr ax
    mov word [tssw + 2], STACK_K0
    mov word [tssw + 4], DATA0
    try n2
    to_ring 3, tss16
n2: done
base: in al, 0x80
tss16: in al, 0x80
    done
