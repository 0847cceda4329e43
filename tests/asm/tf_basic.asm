; TF traps after each instruction, not after the POPF that sets it; the handler runs without TF; DR6.BS is set.
; expect: #DB at=two dr6=4000 fl=00000102
; expect: #DB at=three dr6=4000 fl=00000102
; expect: #DB at=four dr6=4000 fl=00000002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    push dword TF | 2
    popfd
one: nop
two: push dword 2
three: popfd
four: nop
    done
