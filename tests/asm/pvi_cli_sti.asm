; CR4.PVI: CLI and STI at level 3 with IOPL 0 work on VIF; STI with VIP takes #GP(0); POPF does not touch VIF.
; expect: #GP(0000) at=hlt1 fl=00090202
; expect: #GP(0000) at=hlt2 fl=00010202
; expect: #GP(0000) at=sti2 fl=00110202
; qemu: SDM 3B 20.4: it has no protected-mode virtual interrupts
; qemu expect: #GP(0000) at=r3 fl=00000202
; qemu expect: #GP(0000) at=r3b fl=00000202
; qemu expect: #GP(0000) at=sti2 fl=00000202
%include "prelude.inc"
start:
    cr4_set 2
    mov dword [show_what], SHOW_FL
    try n1
    to_ring 3, r3, IF | 2
n1: try n2
    to_ring 3, r3b, IF | VIF | 2
n2: try n3
    to_ring 3, sti2, IF | VIP | 2
n3: done
r3: sti
hlt1: hlt
r3b: cli
hlt2: hlt
sti2: sti
    done
