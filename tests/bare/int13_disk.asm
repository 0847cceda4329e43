; INT 13h on an IDE disk of 20160 sectors (20 cylinders, 16 heads, 63 sectors); its last has 01 23 45 67h at its start.
%include "check.inc"
        want8 'boot drive', boot_drive, 0x80
        mov ah, 8
        mov dl, 0x80
        svc 0x13
        want_cf '08h CF', 0
        want8 '08h drives', r_dl, 1
        want_bits '08h sectors', r_cl, 0x3f, 63
        want8 '08h heads', r_dh, 15
        mov ah, 0x15
        mov dl, 0x80
        svc 0x13
        want_cf '15h CF', 0
        want8 '15h AH', r_ah, 3
        ; CHS
        mov dword [0x2200], 0xfeedf00d
        mov dword [0x23fc], 0x0badcafe
        mov ax, 0x0301
        mov bx, 0x2200
        mov cx, 0x0205
        mov dx, 0x0380
        svc 0x13
        want_cf 'write CF', 0
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0205
        mov dx, 0x0380
        svc 0x13
        want_cf 'read CF', 0
        want16 'read AX', r_ax, 1
        want32 'read back first', 0x2000, 0xfeedf00d
        want32 'read back last', 0x21fc, 0x0badcafe
        ; an odd buffer that crosses 64 KiB: 1FF01h to 20100h
        mov ax, 0x1f00
        mov es, ax
        mov ax, 0x0201
        mov bx, 0x0f01
        mov cx, 0x0205
        mov dx, 0x0380
        svc 0x13
        want_cf 'odd buffer CF', 0
        mov ax, 0x1f00
        mov es, ax
        mov eax, [es:0x0f01 + 0x1fc]
        mov [0x2000], eax
        xor ax, ax
        mov es, ax
        want32 'odd buffer', 0x2000, 0x0badcafe
        mov ax, 0x043f
        mov cx, 0x0201
        mov dx, 0x0380
        svc 0x13
        want_cf 'verify CF', 0
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x0200
        mov dx, 0x0080
        svc 0x13
        want_cf 'sector 0 CF', 1
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0xffff
        mov dx, 0x0080
        svc 0x13
        want_cf 'cylinder 1023 CF', 1
        mov ah, 1
        mov dl, 0x80
        svc 0x13
        want8 '01h AH', r_ah, 4
        mov ax, 0x0201
        mov dx, 0x0081
        svc 0x13
        want_cf 'no second disk CF', 1
        mov ah, 0x70
        mov dl, 0x80
        svc 0x13
        want_cf 'bad function CF', 1
        want8 'bad function AH', r_ah, 1
        ; EDD. LBA of 2/3/5 is (2*16+3)*63+4 = 2209
        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, 0x80
        svc 0x13
        want_cf '41h CF', 0
        want16 '41h BX', r_bx, 0xaa55
        want_bits '41h packets', r_cx, 1, 1
        mov ah, 0x42
        mov dl, 0x80
        mov si, packet
        mov dword [0x2000], 0
        svc 0x13
        want_cf '42h CF', 0
        want8 '42h AH', r_ah, 0
        want16 '42h count', packet + 2, 1
        want32 '42h data', 0x2000, 0xfeedf00d
        mov dword [packet + 8], 20159
        mov ah, 0x42
        mov dl, 0x80
        mov si, packet
        svc 0x13
        want_cf '42h last sector CF', 0
        want32 '42h last sector', 0x2000, 0x67452301
        mov dword [packet + 8], 20160
        mov ah, 0x42
        mov dl, 0x80
        mov si, packet
        svc 0x13
        want_cf '42h beyond CF', 1
        want16 '42h beyond count', packet + 2, 0
        mov word [packet + 2], 1
        mov dword [packet + 8], 3000
        mov dword [0x2000], 0x600df00d
        mov ax, 0x4300
        mov dl, 0x80
        mov si, packet
        svc 0x13
        want_cf '43h CF', 0
        mov dword [0x2000], 0
        mov ah, 0x42
        mov dl, 0x80
        mov si, packet
        svc 0x13
        want32 '43h read back', 0x2000, 0x600df00d
        mov ah, 0x44
        mov dl, 0x80
        mov si, packet
        svc 0x13
        want_cf '44h CF', 0
        mov word [0x2400], 30
        mov ah, 0x48
        mov dl, 0x80
        mov si, 0x2400
        svc 0x13
        want_cf '48h CF', 0
        want16 '48h size', 0x2400, 30
        want32 '48h heads', 0x2408, 16
        want32 '48h sectors a track', 0x240c, 63
        want32 '48h sectors', 0x2410, 20160
        want32 '48h sectors high', 0x2414, 0
        want16 '48h sector size', 0x2418, 512
        mov word [0x2400], 10
        mov ah, 0x48
        mov dl, 0x80
        mov si, 0x2400
        svc 0x13
        want_cf '48h short buffer CF', 1
        done
        align 4
packet: db 16, 0
        dw 1, 0x2000, 0
        dq 2209
        times 512 * SECTORS - ($ - $$) db 0
