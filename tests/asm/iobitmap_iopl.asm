; With CPL <= IOPL the bitmap is not read; in virtual-8086 mode it always is.
; expect: =00000002
; expect: #GP(0000) at=v86
%include "prelude.inc"
start:
    to_ring 3, r3, IOPL3 | 2
r3: out 0x80, al
    mov eax, 2
    int 0x3f
    level0
    try n1
    to_v86 v86, VM | IOPL3
n1: done
bits 16
v86: out 0x80, al
    done
