; CR4.TSD: RDTSC takes #GP(0) at level 3 and works at level 0; without it, everywhere.
; expect: =00000001
; expect: #GP(0000) at=tsc
%include "prelude.inc"
start:
    to_ring 3, r3
r3: rdtsc
    mov eax, 1
    int 0x3f
    level0
    cr4_set 4
    rdtsc
    try n1
    to_ring 3, tsc
tsc: rdtsc
n1: done
    done
