; With a 16-bit address size CX, SI and DI count and wrap; the high halves stay.
; expect: edi=00030002
; expect: ecx=00010000
; expect: byte=00000066
%include "prelude.inc"
start:
    desc S1, 0x30000, 0xfffff, DATA | G32
    mov eax, S1
    mov es, eax
    mov edi, 0x3fffe
    mov ecx, 0x10004
    mov al, 0x66
    a16 rep stosb
    push dword DATA0
    pop es
    show edi
    show ecx
    movzx eax, byte [0x30001]
    showl "byte", eax
    done
