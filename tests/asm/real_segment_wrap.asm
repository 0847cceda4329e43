; FFFF:0010 is linear 100000h with A20 on.
; expect: ax=00005aa5
%define REAL
%include "prelude.inc"
start:
    mov ax, 0xffff
    mov fs, ax
    mov word [fs:0x10], 0x5aa5
    mov word [0], 0
    xor eax, eax
    mov ax, [fs:0x10]
    showl "ax", eax
    done
