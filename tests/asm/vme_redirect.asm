; CR4.VME: a clear bit in the redirection bitmap makes INT n go through the IVT at linear 0, in virtual-8086 mode, also with IOPL 0.
; expect: ip=00000000
; expect: sp=00000fea
; expect: if=00000000
; expect: flags=00003200
; qemu: SDM 3B 20.3.3: it has no virtual-mode extensions
; qemu expect: #GP(0182) at=v86
; qemu expect: unexpected
%include "prelude.inc"
start:
    cr4_set 1
    tss_again 0x88, 0x8f
    mov byte [tss + 0x68 + 6], 0xfe ; 30h
    mov dword [0x30 * 4], isr
    to_v86 v86, VM | IOPL3 | IF
bits 16
v86: int 0x30
after: hlt
isr: mov bx, sp
    mov [0x800], sp
    pushf
    pop word [0x802]
    pop word [0x804]
    pop word [0x806]
    pop word [0x808]
    level0
    movzx eax, word [0x804]
    sub eax, after
    showl "ip", eax
    movzx eax, word [0x800]
    showl "sp", eax
    movzx eax, word [0x802]
    and eax, 0x200
    showl "if", eax
    movzx eax, word [0x808]
    and eax, 0x3200
    showl "flags", eax
    done
