; IRET that sets TF: the first trap is after the instruction that it returns to.
; expect: #DB at=second dr6=4000
; expect: #DB at=third dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    push dword TF | 2
    push dword CODE0
    push dword first
    iretd
first: nop
second: push dword 2
third: popfd
last: nop
    done
