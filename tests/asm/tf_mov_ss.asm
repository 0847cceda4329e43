; MOV SS and POP SS hold the trap back until the next instruction is done.
; expect: #DB at=ss_ dr6=4000
; expect: #DB at=after dr6=4000
; expect: #DB at=pop_ dr6=4000
; expect: #DB at=after_pop dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    mov eax, ss
    push eax
    push dword TF | 2
    popfd
    nop
ss_: mov ss, eax
    nop
after: nop
pop_: pop ss
    push dword 2
after_pop: popfd
last: nop
    done
