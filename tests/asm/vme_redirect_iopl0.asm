; The same with IOPL 0: the pushed flags have IOPL 3 and IF from VIF; VIF is cleared, IF is not.
; expect: #GP(0000) at=hlt_ fl=00030202
; expect: flags=00003200
; qemu: SDM 3B 20.3.3: it has no virtual-mode extensions
; qemu expect: #GP(0000) at=v86 fl=000a0202
; qemu expect: flags=00000000
%include "prelude.inc"
start:
    cr4_set 1
    tss_again 0x88, 0x8f
    mov byte [tss + 0x68 + 6], 0xfe
    mov dword [0x30 * 4], isr
    mov dword [show_what], SHOW_FL
    try n1
    to_v86 v86, VM | IF | VIF
n1: movzx eax, word [0x808]
    and eax, 0x3200
    showl "flags", eax
    done
bits 16
v86: int 0x30
isr: pop word [0x804]
    pop word [0x806]
    pop word [0x808]
hlt_: hlt
