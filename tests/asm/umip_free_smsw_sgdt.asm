; SGDT, SIDT, SLDT, STR and SMSW work at level 3 without UMIP.
; expect: =00000058
; expect: =000000ff
%include "prelude.inc"
start:
    to_ring 3, r3
r3: xor eax, eax
    str ax
    int 0x3f
    sgdt [0x30000]
    movzx eax, word [0x30000]
    int 0x3f
    smsw ax
    sldt ax
    sidt [0x30000]
    level0
    done
