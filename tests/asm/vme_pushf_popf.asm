; With VME and IOPL 0 PUSHF shows IOPL 3 and VIF as IF, POPF sets VIF; POPF with TF, or with IF and VIP, takes #GP(0); PUSHFD does always.
; expect: #GP(0000) at=hlt1 fl=000b0202
; expect: image=00003202
; expect: #GP(0000) at=tf fl=00030202
; expect: #GP(0000) at=vip fl=00130202
; expect: #GP(0000) at=wide fl=00030202
; qemu: SDM 3B 20.3.3: it has no virtual-mode extensions
; qemu expect: #GP(0000) at=v86+3 fl=00020202
; qemu expect: image=00000000
; qemu expect: #GP(0000) at=tf fl=00020202
; qemu expect: #GP(0000) at=vip fl=00120202
; qemu expect: #GP(0000) at=wide fl=00020202
%include "prelude.inc"
start:
    cr4_set 1
    mov dword [show_what], SHOW_FL
    try n1
    to_v86 v86, VM | IF
n1: movzx eax, word [0x800]
    and eax, ~0x8d5
    showl "image", eax
    try n2
    to_v86 v86b, VM | IF
n2: try n3
    to_v86 v86c, VM | IF | VIP
n3: try n4
    to_v86 wide, VM | IF
n4: done
bits 16
v86: push word 0x0202
    popf
    pushf
    pop word [0x800]
hlt1: hlt
v86b: push word 0x0102
tf: popf
v86c: push word 0x0202
vip: popf
wide: pushfd
    done
