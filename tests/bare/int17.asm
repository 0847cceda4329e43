; INT 17h with two printers that print to nowhere.
%include "check.inc"
        want16 '40:08', 0x408, 0x378
        want16 '40:0a', 0x40a, 0x278
        want16 '40:0c', 0x40c, 0
        want_bits 'printers in 40:10', 0x410, 0xc000, 0x8000
        mov ah, 1
        mov dx, 0
        svc 0x17
        want8 'initialised: selected, not busy', r_ah, 0x90
        mov ax, 0x0041
        mov dx, 0
        svc 0x17
        want_bits 'printed: no time-out, no error, paper', r_ah, 0x29, 0
        mov ax, 0x0042
        mov dx, 1
        svc 0x17
        want_bits 'the second one too', r_ah, 0x29, 0
        mov ah, 2
        mov dx, 2
        svc 0x17
        want_bits 'there is no third', r_ah, 1, 1
        mov word [0x46c], 0
.wait:  cmp word [0x46c], 2
        jb .wait
        mov ah, 2
        mov dx, 0
        svc 0x17
        want8 'ready again', r_ah, 0x90
        done
        times 512 * SECTORS - ($ - $$) db 0
