; El Torito with an emulated 1.44 MB floppy: A: is the image on the disc and cannot be written.
%include "check.inc"
        want8 'boot drive', boot_drive, 0
        mov ah, 8
        mov dl, 0
        svc 0x13
        want_cf '08h CF', 0
        want16 '08h CX', r_cx, 0x4f12
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x4f12
        mov dx, 0x0100
        svc 0x13
        want_cf 'read last sector CF', 0
        want32 'last sector', 0x2000, 0x67452301
        mov ax, 0x0301
        mov bx, 0x2000
        mov cx, 0x0002
        mov dx, 0
        svc 0x13
        want_cf 'write CF', 1
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0013
        mov dx, 0
        svc 0x13
        want_cf 'sector 19 CF', 1
        mov ax, 0x4b01
        mov dl, 0
        mov si, 0x2a00
        svc 0x13
        want_cf '4B01h CF', 0
        want8 '4B01h media', 0x2a01, 2
        want8 '4B01h drive', 0x2a02, 0
        done
        times 512 * SECTORS - ($ - $$) db 0
