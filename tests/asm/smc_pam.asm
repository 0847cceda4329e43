; Code at F0000h: the ROM's, then what was copied to the RAM behind it, as the bridge's PAM0 register switches; and RAM that
; is written while the ROM is read.
; expect: rom=00000011
; expect: rom while RAM is written=00000011
; expect: ram=00000022
; expect: ram changed=00000033
; expect: ram read-only=00000033
; expect: rom again=00000011
; expect: ram again=00000033
; bochs: 82441FX 3.2.18: PAM switches what is read at once; its decoded code stays
; bochs expect: rom=00000011
; bochs expect: rom while RAM is written=00000011
; bochs expect: ram=00000011
; bochs expect: ram changed=00000033
; bochs expect: ram read-only=00000033
; bochs expect: rom again=00000033
; bochs expect: ram again=00000033
%include "prelude.inc"
CODE_AT equ 0xf0000 + (piece - 0x1000)
%macro pam0 1
    mov eax, 0x80000058
    mov dx, 0xcf8
    out dx, eax
    mov dx, 0xcfd
    mov al, %1
    out dx, al
%endmacro
start:
    pam0 0
    run_hot "rom", CODE_AT
    pam0 0x20 ; the ROM is read, RAM written
    mov esi, piece
    mov edi, CODE_AT
    mov ecx, 6
    rep movsb
    mov byte [CODE_AT + 1], 0x22
    pam0 0x00
    run_hot "rom while RAM is written", CODE_AT
    pam0 0x30
    run_hot "ram", CODE_AT
    mov byte [CODE_AT + 1], 0x33
    run_hot "ram changed", CODE_AT
    pam0 0x10
    mov byte [CODE_AT + 1], 0x44
    run_hot "ram read-only", CODE_AT
    pam0 0
    run_hot "rom again", CODE_AT
    pam0 0x30
    run_hot "ram again", CODE_AT
    done
align 16
piece:
    mov eax, 0x11
    ret
