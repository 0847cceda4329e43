; A 32-bit jump beyond FFFFh takes #GP in real mode.
; expect: #GP at=jump
; qemu: SDM 3B 20.1.1: the limit of FFFFh is checked
; qemu expect: not in time
%define REAL
%include "prelude.inc"
start:
    mov eax, 0x10000
    fault jump, jmp eax
    done
