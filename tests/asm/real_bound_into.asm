; BOUND, INTO, DIV and AAM 0 in real mode.
; expect: #BR at=bound_
; expect: #OF at=after
; expect: #DE at=aam_
%define REAL
%include "prelude.inc"
start:
    mov dword [0x800], 0x00050001
    mov ax, 9
    fault bound_, bound ax, [0x800]
    mov al, 0x7f
    add al, 1
    into
after: fault aam_, aam 0
    done
