; A data breakpoint on the stack: PUSH, CALL and an interrupt's frame.
; expect: #DB at=after dr6=0001
; expect: #DB at=callee dr6=0001
%include "prelude.inc"
start:
    mov eax, STACK0 - 4
    mov dr0, eax
    mov eax, 0xd0001
    mov dr7, eax
    push eax
after: pop eax
    call callee
callee: nop
    done
