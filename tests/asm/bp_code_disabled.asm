; A code breakpoint that is not enabled does not fault, but DR6 may show it; L and G bits both enable.
; expect: #DB at=second dr6=0002
%include "prelude.inc"
start:
    mov dword [set_rf], RF
    mov eax, first
    mov dr0, eax
    mov eax, second
    mov dr1, eax
    mov eax, 8
    mov dr7, eax
first: nop
second: nop
    done
