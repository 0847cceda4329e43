; LLDT, LTR, LAR, VERR, SLDT, STR are #UD in real mode; LMSW can set PE.
; expect: #UD at=lldt_
; expect: #UD at=ltr_
; expect: #UD at=lar_
; expect: #UD at=verr_
; expect: #UD at=sldt_
; expect: pe=00000001
%define REAL
%include "prelude.inc"
start:
    fault lldt_, lldt ax
    fault ltr_, ltr ax
    fault lar_, lar ax, cx
    fault verr_, verr cx
    fault sldt_, sldt ax
    mov ax, 1
    lmsw ax
    smsw ax
    and eax, 1
    mov ecx, eax
    mov eax, cr0
    and al, ~1
    mov cr0, eax
    showl "pe", ecx
    done
