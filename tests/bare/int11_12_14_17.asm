; INT 11h, 12h, 14h (the first serial port sends to nowhere) and 17h (there is no printer port; int17.asm has one).
%include "check.inc"
        svc 0x11
        mov ax, [0x410]
        sub [r_ax], ax
        want16 '11h against 40:10', r_ax, 0
        want_bits 'floppy bit', 0x410, 1, 1
        want_bits 'pointing device, 80x25', 0x410, 0x34, 0x24
        svc 0x12
        mov ax, [0x413]
        sub [r_ax], ax
        want16 '12h against 40:13', r_ax, 0
        mov ax, [0x413]
        shl ax, 6
        sub ax, [0x40e]
        mov [r_ax], ax
        want16 'EBDA at the top of base memory', r_ax, 0
        mov ax, 0x00e3
        mov dx, 0
        svc 0x14
        want_bits '14h set-up, transmitter free', r_ah, 0x60, 0x60
        mov ax, 0x0141
        mov dx, 0
        svc 0x14
        want_bits '14h send', r_ah, 0x80, 0
        mov ah, 3
        mov dx, 0
        svc 0x14
        want_bits '14h status', r_ah, 0x61, 0x60
        mov ax, 0x0041
        mov dx, 0
        svc 0x17
        want_bits '17h without printer', r_ah, 1, 1
        want_bits 'no printer in 40:10', 0x410, 0xc000, 0
        want16 'no port in 40:08', 0x408, 0
        done
        times 512 * SECTORS - ($ - $$) db 0
