; With VME and IOPL 0 a 16-bit IRET sets VIF from IF and leaves IF and IOPL.
; expect: #GP(0000) at=target fl=000b0202
; qemu: SDM 3B 20.3.3: it has no virtual-mode extensions
; qemu expect: #GP(0000) at=v86+8 fl=00020202
%include "prelude.inc"
start:
    cr4_set 1
    mov dword [show_what], SHOW_FL
    try n1
    to_v86 v86, VM | IF
n1: done
bits 16
v86: push word 0x3202
    push word 0
    push word target
    iret
target: hlt
    done
