; TF in virtual-8086 mode goes to the monitor's #DB handler.
; expect: #DB at=two dr6=4000 cs=0000
; expect: #DB at=three dr6=4000 cs=0000
; expect: #UD at=three cs=0000
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS
    mov dword [hook], n9
    to_v86 v86, VM | TF | 2
n9: cmp ebx, 6
    je n1
    ret
n1: done
bits 16
v86: nop
two: mov ax, 1
three: ud2
    done
