; INT 13h with a 360 KB disk in a 1.2 MB drive: each of its 40 tracks is two steps of the drive. 01 23 45 67h is at its end.
%define SECTORS 9
%include "check.inc"
        want8 '40:90 says 300 kbit/s, double stepping, established', 0x490, 0x74
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x2709                  ; cylinder 39
        mov dx, 0x0100
        svc 0x13
        want_cf 'the last sector: CF', 0
        want32 'the last sector', 0x2000, 0x67452301
        want8 '40:94 has the track of the drive', 0x494, 78
        mov ax, 0x0301                  ; what is written at cylinder 20 is read there
        mov bx, 0x2000
        mov cx, 0x1403
        mov dx, 0x0100
        svc 0x13
        want_cf 'write: CF', 0
        mov ax, 0x0201
        mov bx, 0x2200
        mov cx, 0x1503
        mov dx, 0x0100
        svc 0x13
        want32 'the next cylinder is another', 0x2200, 0
        mov ax, 0x0201
        mov bx, 0x2200
        mov cx, 0x1403
        mov dx, 0x0100
        svc 0x13
        want32 'what was written', 0x2200, 0x67452301
        mov ax, 0x0000
        mov dx, 0
        svc 0x13
        mov ax, 0x0201
        mov bx, 0x2400
        mov cx, 0x2709
        mov dx, 0x0100
        svc 0x13
        want32 'after a reset', 0x2400, 0x67452301
        mov ah, 0x08
        mov dx, 0
        svc 0x13
        want8 '08h: the drive', r_bl, 2
        mov ax, 0x0201
        mov bx, 0x2600
        mov cx, 0x2809                  ; there is none
        mov dx, 0x0100
        svc 0x13
        want_cf 'cylinder 40: CF', 1
        done
        times 512 * SECTORS - ($ - $$) db 0
