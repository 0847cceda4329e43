; An instruction over a page boundary whose tail, in the second page, is patched.
; expect: first=11111111
; expect: second=22222222
%include "prelude.inc"
start:
    mov byte [0x30ffe], 0xb8
    mov byte [0x30fff], 0x11
    mov dword [0x31000], 0xc3111111
    mov eax, 0x30ffe
    mov ecx, 100
n1: mov edx, 0x30ffe
    call edx
    loop n1
    showl "first", eax
    mov byte [0x30fff], 0x22
    mov dword [0x31000], 0xc3222222
    call edx
    showl "second", eax
    done
