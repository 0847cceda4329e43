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
        ; the alarm is INT 4Ah, in interrupt context, at its second and once
        mov word [0x4a * 4], alarm
        mov word [0x4a * 4 + 2], 0
        mov ah, 2
        svc 0x1a
        mov ch, [r_ch]
        mov cl, [r_cl]
        mov al, [r_dh]
        add al, 3
        daa
        cmp al, 0x60
        jb .same
        sub al, 0x60
        xchg al, cl
        add al, 1
        daa
        xchg al, cl ; just after midnight: no carry beyond
.same:  mov dh, al
        mov [alarm_second], al
        mov dl, 0
        mov ah, 6
        svc 0x1a
        want_cf '06h CF', 0
        mov ah, 6
        svc 0x1a
        want_cf '06h CF with an alarm set', 1
        want8 '06h too early', alarms, 0
        mov cx, 4000000 >> 16
        mov dx, 4000000 & 0xffff
        mov ah, 0x86
        int 0x15
        want8 '06h INT 4Ah', alarms, 1
        mov al, [alarm_second]
        cmp al, [alarm_at]
        sete [r_al]
        want8 '06h at its second', r_al, 1
        mov ah, 7
        svc 0x1a
        want_cf '07h CF', 0
        mov al, 0x0b
        out 0x70, al
        in al, 0x71
        mov [r_al], al
        want_bits '07h alarm interrupt off', r_al, 0xa0, 0
        ; any second, hour and minute (FFh): each second, until 07h
        mov cx, 0xffff
        mov dx, 0xff00
        mov ah, 6
        svc 0x1a
        want_cf '06h again CF', 0
        mov cx, 2500000 >> 16
        mov dx, 2500000 & 0xffff
        mov ah, 0x86
        int 0x15
        mov ah, 7
        svc 0x1a
        want_range '06h each second', alarms, 3, 4
        mov al, [alarms]
        mov [r_bl], al
        mov cx, 1500000 >> 16
        mov dx, 1500000 & 0xffff
        mov ah, 0x86
        int 0x15
        mov al, [r_bl]
        cmp al, [alarms]
        sete [r_al]
        want8 '07h ends it', r_al, 1
        mov ah, 0x77
        svc 0x1a
        want_cf 'bad function CF', 1
        done
alarm:  push ax
        push ds
        xor ax, ax
        mov ds, ax
        inc byte [alarms]
        mov al, 0
        out 0x70, al
        in al, 0x71
        mov [alarm_at], al
        pop ds
        pop ax
        iret
        align 4
alarms: dd 0
alarm_at:
        dd 0
alarm_second:
        dd 0
ticks:  dd 0
        times 512 * SECTORS - ($ - $$) db 0
