; TF in real mode.
; expect: #DB at=two dr6=4000
; expect: #DB at=three dr6=4000
; expect: #DB at=four dr6=4000
%define REAL
%include "prelude.inc"
start:
    push word TF | 2
    popf
one: nop
two: push word 2
three: popf
four: nop
    done
