; A breakpoint in a loop faults each time round.
; expect: #DB at=here dr6=0001
; expect: #DB at=here dr6=0001
; expect: #DB at=here dr6=0001
%include "prelude.inc"
start:
    mov ecx, 3
    mov dword [set_rf], RF
    mov eax, here
    mov dr0, eax
    mov eax, 1
    mov dr7, eax
here: nop
    loop here
    done
