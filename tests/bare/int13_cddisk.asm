; El Torito with an emulated hard disk: C: is the image on the disc and cannot be written; the real disk is the next one.
; Its geometry is that of the first partition's end, in mbr.asm: 20 cylinders, 16 heads, 63 sectors.
%include "check.inc"
        want8 'boot drive', boot_drive, 0x80
        mov ah, 8
        mov dl, 0x80
        svc 0x13
        want_cf '08h CF', 0
        want16 '08h CX', r_cx, 0x133f
        want8 '08h heads', r_dh, 15
        want8 '08h drives', r_dl, 2
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x133f
        mov dx, 0x0f80
        svc 0x13
        want_cf 'read last sector CF', 0
        want32 'last sector', 0x2000, 0x67452301
        mov ax, 0x0201
        mov cx, 0x1401
        mov dx, 0x0080
        svc 0x13
        want_cf 'beyond the end CF', 1
        mov ax, 0x0301
        mov bx, 0x2000
        mov cx, 0x0002
        mov dx, 0x0080
        svc 0x13
        want_cf 'write CF', 1
        want8 'write AH', r_ah, 3
        mov ah, 0x15
        mov dl, 0x80
        svc 0x13
        want8 '15h AH', r_ah, 3
        want16 '15h sectors', r_dx, 20160
        ; the real disk is all zeros
        mov dword [0x2000], 1
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0001
        mov dx, 0x0081
        svc 0x13
        want_cf 'the real disk CF', 0
        want32 'the real disk', 0x2000, 0
        mov ax, 0x4b01
        mov dl, 0x80
        mov si, 0x2a00
        svc 0x13
        want_cf '4B01h CF', 0
        want8 '4B01h size', 0x2a00, 0x13
        want8 '4B01h media', 0x2a01, 4
        want8 '4B01h drive', 0x2a02, 0x80
        want8 '4B01h heads', 0x2a12, 16
        mov ax, 0x4b00
        mov dl, 0x80
        mov si, 0x2a00
        svc 0x13
        want_cf '4B00h CF', 0
        ; now the real disk is the first
        mov ah, 8
        mov dl, 0x80
        svc 0x13
        want8 'drives afterwards', r_dl, 1
        mov dword [0x2000], 1
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0001
        mov dx, 0x0080
        svc 0x13
        want_cf 'the real disk as the first CF', 0
        want32 'the real disk as the first', 0x2000, 0
        mov ax, 0x0301
        mov dword [0x2000], 0
        mov cx, 0x0002
        mov dx, 0x0080
        svc 0x13
        want_cf 'it can be written', 0
        done
        times 512 * SECTORS - ($ - $$) db 0
