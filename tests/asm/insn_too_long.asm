; An instruction of more than 15 bytes takes #GP(0); 15 are allowed.
; expect: eax=00000001
; expect: #GP(0000) at=long_
%include "prelude.inc"
start:
    xor eax, eax
    times 14 db 0x66
    inc eax
    and eax, 0xffff
    show eax
    try n1
long_: times 15 db 0x66
    inc eax
n1: done
    done
