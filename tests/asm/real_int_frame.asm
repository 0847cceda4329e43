; INT in real mode pushes FLAGS, CS, IP and clears IF and TF; RF and VM do not exist there.
; expect: INT30 at=after cs=0000 fl=0202 top=1000
; expect: fl=00000002
%define REAL
%include "prelude.inc"
start:
    mov word [show_what], SHOW_CS | SHOW_FL | SHOW_TOP
    push word 0x0202
    popf
    int 0x30
after: mov word [0x31 * 4], handler
    int 0x31
    done
handler: pushf
    pop ax
    and eax, 0x302
    showl "fl", eax
    done
