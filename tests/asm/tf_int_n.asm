; INT n under TF: the pushed flags have TF, the handler has not; the trap comes after the instruction behind the handler's IRET.
; expect: #DB at=int_ dr6=4000
; expect: #DB at=back0 dr6=4000 fl=00000102
; expect: INT30 at=back fl=00000102
; expect: #DB at=back2 dr6=4000 fl=00000102
; expect: #DB at=back3 dr6=4000 fl=00000102
; expect: #DB at=back4 dr6=4000 fl=00000002
%include "prelude.inc"
start:
    push dword TF | 2
    popfd
    nop
int_: mov dword [show_what], SHOW_FL
back0: int 0x30
back: nop
back2: push dword 2
back3: popfd
back4: nop
    done
