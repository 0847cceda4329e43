; LAR, LSL, VERR, ARPL, SLDT, STR, LLDT and LTR are #UD in virtual-8086 mode; SMSW and SGDT work.
; expect: #UD at=lar_
; expect: #UD at=lsl_
; expect: #UD at=verr_
; expect: #UD at=arpl_
; expect: #UD at=sldt_
; expect: #UD at=str_
; expect: #UD at=lldt_
; expect: #UD at=ltr_
; expect: #BP at=good+5
%include "prelude.inc"
start:
%macro v 2+
    try %%next
    to_v86 %1, VM | IOPL3
bits 16
%1: %2
    int3
bits 32
%%next:
%endmacro
    v lar_, lar ax, cx
    v lsl_, lsl ax, cx
    v verr_, verr cx
    v arpl_, arpl ax, cx
    v sldt_, sldt ax
    v str_, str ax
    v lldt_, lldt ax
    v ltr_, ltr ax
    idt_dpl3 3
    try n1
    to_v86 good, VM | IOPL3
bits 16
good: smsw ax
    nop
    int3
bits 32
n1: done
    done
