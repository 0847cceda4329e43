; A PUSH onto the code that runs is a store like any other.
; expect: eax=22222222
%include "prelude.inc"
start:
    mov esp, patch + 5
    push dword 0x22222222
patch: mov eax, 0x11111111
    mov esp, STACK0
    show eax
    done
