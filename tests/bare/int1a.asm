; INT 1Ah. The machine starts at 2001-02-03 04:05:06.
%include "check.inc"
        mov ah, 2
        svc 0x1a
        want_cf '02h CF', 0
        want8 '02h hour', r_ch, 0x04
        want8 '02h minute', r_cl, 0x05
        mov ah, 4
        svc 0x1a
        want_cf '04h CF', 0
        want16 '04h year', r_cx, 0x2001
        want16 '04h month and day', r_dx, 0x0203
        mov ah, 0
        svc 0x1a
        mov ax, [r_dx]
        mov [ticks], ax
        mov ax, [r_cx]
        mov [ticks + 2], ax
        ; 4:05:06 is 14706 s, 267754 ticks
        want_range '00h at the start', ticks, 267700, 267900
        mov eax, [0x46c]
.wait:  hlt
        cmp eax, [0x46c]
        je .wait
        mov ah, 3
        mov cx, 0x2359
        mov dx, 0x5800
        svc 0x1a
        want_cf '03h CF', 0
        mov ah, 2
        svc 0x1a
        want16 '03h hour and minute', r_cx, 0x2359
        mov ah, 5
        mov cx, 0x1999
        mov dx, 0x1231
        svc 0x1a
        want_cf '05h CF', 0
        mov ah, 4
        svc 0x1a
        want16 '05h year', r_cx, 0x1999
        want16 '05h month and day', r_dx, 0x1231
        ; three seconds later it is 2000
        mov cx, 3000000 >> 16
        mov dx, 3000000 & 0xffff
        mov ah, 0x86
        int 0x15
        mov ah, 4
        svc 0x1a
        want16 'new year', r_cx, 0x2000
        want16 'new month and day', r_dx, 0x0101
        ; midnight of the tick count
        mov ah, 1
        mov cx, 0x18
        mov dx, 0x00ae
        svc 0x1a
        mov cx, 500000 >> 16
        mov dx, 500000 & 0xffff
        mov ah, 0x86
        int 0x15
        mov ah, 0
        svc 0x1a
        want8 'midnight flag', r_al, 1
        want16 'ticks after midnight, high', r_cx, 0
        mov ah, 0
        svc 0x1a
        want8 'midnight flag told once', r_al, 0
        mov ah, 0x77
        svc 0x1a
        want_cf 'bad function CF', 1
        done
        align 4
ticks:  dd 0
        times 512 * SECTORS - ($ - $$) db 0
