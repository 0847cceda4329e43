; SPDX-License-Identifier: MIT
; An option ROM for the RTL8029: what it was called with at port E9h, and, booted, the end by isa-debug-exit.
    bits 16
    org 0
    db 0x55, 0xaa, 2
    jmp near init
    times 0x18 - ($ - $$) db 0
    dw pcir, pnp
pcir:
    db "PCIR"
    dw 0x10ec, 0x8029, 0, 0x18
    db 0, 0, 0, 2
    dw 2, 0
    db 0, 0x80
    dw 0
pnp:
    db "$PnP", 1, 2
    dw 0
    db 0, 0
    dd 0
    dw 0, name
    db 2, 0, 0, 0x14
    dw 0, 0, boot, 0, 0
name: db "test ROM", 0
init:
    cmp dword [es:di], "$PnP"
    mov si, no_pnp
    jne .say
    cmp ax, WANT_AX
    mov si, bad_ax
    jne .say
    mov byte [cs:mark], "+"         ; a ROM may write to itself while it sets up, if its sum stays
    mov byte [cs:mark + 1], "?" - "+"
    mov si, good
.say:
    call print
    mov ax, 0x20
    retf
boot:
    mov byte [cs:mark], "-"         ; and not later, where the board can protect it
    mov si, booted
    call print
    mov al, [cs:mark]
    out 0xe9, al
    mov al, 0
    out 0xf4, al
    hlt
print:
    cs lodsb
    test al, al
    jz .end
    out 0xe9, al
    jmp print
.end:
    ret
mark: db "?", 0
no_pnp: db "init: no $PnP at ES:DI", 10, 0
bad_ax: db "init: AX", 10, 0
good: db "init: good", 10, 0
booted: db "booted ", 0
    times 1024 - ($ - $$) db 0
