; At level 3 with IOPL 0 a port is allowed when its bit in the TSS's bitmap is clear; a word needs both of its bits.
; expect: =00000001
; expect: #GP(0000) at=set
; expect: #GP(0000) at=second
; expect: #GP(0000) at=fourth
%include "prelude.inc"
start:
    mov byte [tss + 0x68 + 0x10], 0xf0 ; ports 80h-83h
    tss_again 0x68, 0x107
    to_ring 3, r3
r3: out 0x80, al
    out 0x82, ax
    out 0x80, eax
    mov eax, 1
    int 0x3f
    level0
    try n1
    to_ring 3, set
n1: try n2
    to_ring 3, second
n2: try n3
    to_ring 3, fourth
n3: done
set: out 0x84, al
second: out 0x83, ax
fourth: out 0x81, eax
    done
