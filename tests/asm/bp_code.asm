; A code breakpoint faults before the instruction, with RF clear in the frame (SDM 3B 17.3.1.1); IRET with RF set runs it once.
; expect: #DB at=here dr6=0001 fl=00000002
; expect: eax=00000002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    mov dword [set_rf], RF
    mov eax, here
    mov dr0, eax
    mov eax, 1
    mov dr7, eax
here: inc eax
    show eax
    done
