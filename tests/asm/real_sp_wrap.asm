; A push with SP 0 goes to FFFEh; PUSH with SP 1 takes #SS, and so shutdown follows, as its frame does not fit either.
; expect: dword [0xfffc]=abcd0000
; expect: triple fault
; qemu: SDM 3B 20.1.1: the limit of FFFFh is checked
; qemu expect: dword [0xfffc]=abcd0000
%define REAL
%include "prelude.inc"
start:
    mov dword [0xfffc], 0
    mov ax, 0xabcd
    xor sp, sp
    push ax
    mov sp, 0x1000
    show dword [0xfffc]
    mov sp, 1
    push ax
    done
