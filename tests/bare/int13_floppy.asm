; INT 13h on a 1.44 MB floppy. The image has 01 23 45 67h at the start of cylinder 79, head 1, sector 18.
%include "check.inc"
        want8 'boot drive', boot_drive, 0
        mov ax, 0
        mov dl, 0
        svc 0x13
        want_cf 'reset CF', 0
        want8 'reset AH', r_ah, 0
        mov ah, 8
        mov dl, 0
        svc 0x13
        want_cf '08h CF', 0
        want8 '08h type', r_bl, 4
        want16 '08h CX', r_cx, 0x4f12
        want8 '08h heads', r_dh, 1
        want8 '08h drives', r_dl, 1
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x4f12
        mov dx, 0x0100
        svc 0x13
        want_cf 'read last sector CF', 0
        want16 'read last sector AX', r_ax, 1
        want32 'last sector', 0x2000, 0x67452301
        ; write and read back
        mov dword [0x2200], 0xfeedf00d
        mov dword [0x23fc], 0x0badcafe
        mov ax, 0x0301
        mov bx, 0x2200
        mov cx, 0x2805
        mov dx, 0x0000
        svc 0x13
        want_cf 'write CF', 0
        want16 'write AX', r_ax, 1
        mov dword [0x2000], 0
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x2805
        mov dx, 0
        svc 0x13
        want32 'read back first', 0x2000, 0xfeedf00d
        want32 'read back last', 0x21fc, 0x0badcafe
        mov ax, 0x0412
        mov bx, 0x2000
        mov cx, 0x0101
        mov dx, 0
        svc 0x13
        want_cf 'verify CF', 0
        want8 'verify count', r_al, 18
        ; format: the track becomes 18 sectors of the fill byte, its neighbours stay
        mov ah, 0x18
        mov cx, 0x4f12
        mov dl, 0
        svc 0x13
        want_cf '18h CF', 0
        want16 '18h table', r_es, 0xf000
        mov ax, 0x0301
        mov bx, 0x2200
        mov cx, 0x2907
        mov dx, 0x0100
        svc 0x13
        want_cf 'write beside CF', 0
        mov di, 0x2800                  ; C, H, R, N of each
        mov eax, 0x02010028             ; cylinder 28h, head 0, sector 1, 512 bytes
        mov cx, 18
.ids:   stosd
        add eax, 0x10000
        loop .ids
        mov ax, 0x0512
        mov bx, 0x2800
        mov ch, 0x28
        mov dx, 0
        svc 0x13
        want_cf 'format CF', 0
        want8 'format AH', r_ah, 0
        mov ax, 0x0212
        mov bx, 0x3000
        mov cx, 0x2801
        mov dx, 0
        svc 0x13
        want_cf 'read formatted CF', 0
        want8 'read formatted count', r_al, 18
        want32 'sector 5 is filled', 0x3000 + 4 * 512, 0xf6f6f6f6
        want32 'sector 18 is filled', 0x3000 + 18 * 512 - 4, 0xf6f6f6f6
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x2907
        mov dx, 0x0100
        svc 0x13
        want32 'the next track stays', 0x2000, 0xfeedf00d
        mov ah, 0x18
        mov cx, 0x4f24
        mov dl, 0
        svc 0x13
        want_cf '18h, 2.88 MB in a 1.44 MB drive', 1
        ; errors
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0014
        mov dx, 0
        svc 0x13
        want_cf 'sector 20 CF', 1
        want8 'sector 20 AH', r_ah, 4
        want8 'sector 20 AL', r_al, 0
        mov ah, 1
        mov dl, 0
        svc 0x13
        want8 '01h tells the last status', r_ah, 4
        mov ax, 0x1000
        mov es, ax
        mov ax, 0x0202
        mov bx, 0xfe00
        mov cx, 1
        mov dx, 0
        svc 0x13
        want_cf 'DMA boundary CF', 1
        want8 'DMA boundary AH', r_ah, 9
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 1
        mov dx, 1
        svc 0x13
        want_cf 'no drive B CF', 1
        mov ax, 0x7700
        mov dl, 0
        svc 0x13
        want_cf 'bad function CF', 1
        want8 'bad function AH', r_ah, 1
        mov ax, 0x1500
        mov dl, 0
        svc 0x13
        want_cf '15h CF', 0
        want8 '15h AH', r_ah, 2
        mov ax, 0x1500
        mov dl, 1
        svc 0x13
        want8 '15h no drive', r_ah, 0
        mov ax, 0x1600
        mov dl, 0
        svc 0x13
        want_cf '16h CF', 0
        done
        times 512 * SECTORS - ($ - $$) db 0
