; A store into the very next instruction is seen by it.
; expect: eax=00000022
%include "prelude.inc"
start:
    mov byte [patch + 1], 0x22
patch: mov eax, 0x11
    show eax
    done
