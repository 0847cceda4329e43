; POPFD does not set RF: a breakpoint behind it faults.
; expect: #DB at=here dr6=0001
%include "prelude.inc"
start:
    mov dword [set_rf], RF
    mov eax, here
    mov dr0, eax
    mov eax, 1
    mov dr7, eax
    push dword RF | 2
    popfd
here: nop
    done
