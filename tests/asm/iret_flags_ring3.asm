; IRET at level 3 with IOPL 0 cannot change IF or IOPL; at level 0 it can.
; expect: INT3e at=after fl=00000202
; expect: INT3e at=after0 fl=00003202
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    idt_dpl3 0x3e
    try n1
    to_ring 3, r3, 0x202
n1: push dword 0x3202
    push dword CODE0
    push dword n2
    iretd
n2: try n3
    int 0x3e
after0:
n3: done
r3: push dword 0x3002
    push dword CODE3
    push dword n4
    iretd
n4: int 0x3e
after: nop
    done
