; With VME and IOPL 0 CLI and STI work on VIF; STI with VIP set takes #GP(0).
; expect: #GP(0000) at=hlt1 fl=000b0202
; expect: #GP(0000) at=hlt2 fl=00030202
; expect: #GP(0000) at=sti2 fl=00130202
; qemu: SDM 3B 20.3.3: it has no virtual-mode extensions
; qemu expect: #GP(0000) at=v86 fl=00020202
; qemu expect: #GP(0000) at=v86b fl=000a0202
; qemu expect: #GP(0000) at=sti2 fl=00120202
%include "prelude.inc"
start:
    cr4_set 1
    mov dword [show_what], SHOW_FL
    try n1
    to_v86 v86, VM | IF
n1: try n2
    to_v86 v86b, VM | IF | VIF
n2: try n3
    to_v86 sti2, VM | IF | VIP
n3: done
bits 16
v86: sti
hlt1: hlt
v86b: cli
hlt2: hlt
sti2: sti
    done
