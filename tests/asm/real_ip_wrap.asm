; Code that runs off FFFFh takes #GP at 10000h: CS's limit.
; expect: #GP at=0000fffe
; qemu: SDM 3B 20.1.1: the limit of FFFFh is checked
; qemu expect: #UD at=#UD at=#UD at=
; qemu expect: not in time
%define REAL
%include "prelude.inc"
start:
    mov byte [0xfffe], 0xb8
    mov byte [0xffff], 0
    try n1
    jmp 0xfffe
n1: done
    done
