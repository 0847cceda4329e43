; INT1 (F1h) is a trap to vector 1 that sets nothing in DR6.
; expect: #DB at=after dr6=0000 fl=00000002
; qemu: SDM 2A, INT1: it raises #DB
; qemu expect: #UD at=start+a fl=00000002
; qemu expect: unexpected
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    db 0xf1
after: nop
    done
