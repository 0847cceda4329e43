; REP STOS over code that has run; the NOPs that it wrote run instead.
; expect: first=00000001
; expect: second=00000000
%include "prelude.inc"
start:
    mov dword [0x30000], 0xc340c031
    mov edx, 0x30000
    mov ecx, 100
n1: call edx
    loop n1
    showl "first", eax
    mov edi, 0x30002
    mov ecx, 1
    mov al, 0x90
    rep stosb
    call edx
    showl "second", eax
    done
