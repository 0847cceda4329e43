; #BP and #OF are traps: the saved address is behind the instruction, RF is clear; INTO without OF does nothing.
; expect: #BP at=after_bp fl=00000002
; expect: #OF at=after_of fl=00000002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    int3
after_bp:
    mov al, 0x7f
    add al, 1
    into
after_of:
    xor eax, eax
    into
    done
