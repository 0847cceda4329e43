; A fetch from a page that is not present, or a supervisor's at level 3: the error code is a read's.
; expect: #PF(0000) at=00400010 cr2=00400010
; expect: #PF(0005) at=00400020 cr2=00400020
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0
    flush
    try n1
    jmp 0x400010
n1: pte 0x400000, 0x30003
    flush
    try n2
    to_ring 3, 0x400020
n2: done
    done
