; IRET with VM in the image at level 0 only: at level 3 the bit is ignored.
; expect: INT30 at=after cs=001b fl=00000002
; qemu: SDM 2A, IRET: VM is looked at at level 0 only
; qemu expect: #GP(0000) at=00000e50 cs=001b fl=00020002
; qemu expect: unexpected
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS | SHOW_FL
    idt_dpl3 0x30
    to_ring 3, r3
r3: push dword VM | 2
    push dword CODE3
    push dword n1
    iretd
n1: try n2
    int 0x30
after: nop
n2: done
    done
