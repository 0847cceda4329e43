; A code breakpoint inside an instruction, not at its first byte, does not fault.
; expect: eax=00000005
%include "prelude.inc"
start:
    mov eax, here + 1
    mov dr0, eax
    mov eax, 1
    mov dr7, eax
here: mov eax, 5
    show eax
    done
