; RDPMC at level 3 without CR4.PCE takes #GP(0).
; expect: #GP(0000) at=rdpmc_
%include "prelude.inc"
start:
    xor ecx, ecx
    try n1
    to_ring 3, rdpmc_
rdpmc_: rdpmc
n1: done
    done
