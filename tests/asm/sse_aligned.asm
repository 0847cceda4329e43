; A 16-byte operand that is not aligned takes #GP(0), before #PF; MOVUPS does not care.
; expect: #GP(0000) at=aligned
; expect: #PF(0000) at=unaligned cr2=00030008
%include "prelude.inc"
start:
    cr0_clear 0xe
    cr4_set 0x200
    paging
    pte 0x30000, 0
    flush
    fault aligned, movaps xmm0, [0x30008]
    fault unaligned, movups xmm0, [0x30008]
    done
