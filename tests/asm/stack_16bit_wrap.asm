; With a 16-bit SS only SP counts and wraps; ESP's high half stays.
; expect: esp=1234fffe
; expect: word=0000abcd
%include "prelude.inc"
start:
    mov ax, DATA16
    mov ss, ax
    mov esp, 0x12340000
    push word 0xabcd
    mov ebx, esp
    mov ax, DATA0
    mov ss, ax
    mov esp, STACK0
    showl "esp", ebx
    movzx eax, word [0xfffe]
    showl "word", eax
    done
