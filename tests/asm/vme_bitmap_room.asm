; The redirection bitmap is the 32 bytes below the I/O bitmap: where the base leaves them beyond the TSS's limit, INT n takes #GP(0).
; expect: #GP(0000) at=v86
%include "prelude.inc"
start:
    cr4_set 1
    tss_again 0x108, 0x6f
    try n1
    to_v86 v86
n1: done
bits 16
v86: int 0xc0
    done
