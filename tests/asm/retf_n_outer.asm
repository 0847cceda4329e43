; RETF n to level 3 adds n to both stack pointers.
; expect: INT3e at=after cs=001b ss=0023 esp=0000f008
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS | SHOW_SS
    idt_dpl3 0x3e
    push dword DATA3
    push dword 0xf000
    push dword 1
    push dword 2
    push dword CODE3
    push dword r3
    try n1
    retf 8
r3: int 0x3e
after: nop
n1: done
    done
