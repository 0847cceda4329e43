; LMSW cannot clear PE.
; expect: pe=00000001
%include "prelude.inc"
start:
    xor eax, eax
    lmsw ax
    mov eax, cr0
    and eax, 1
    showl "pe", eax
    done
