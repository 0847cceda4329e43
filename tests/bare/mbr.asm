; A master boot record: one partition from the second track to the end of 20 x 16 x 63. It loads the test's first sector,
; which is sector 30 of the first track, as BIOS would: to 7C00h, DL the drive.
        bits 16
        org 0x600
        xor ax, ax
        mov ss, ax
        mov sp, 0x7c00
        mov ds, ax
        mov es, ax
        mov si, 0x7c00
        mov di, 0x600
        mov cx, 256
        cld
        rep movsw
        jmp 0:here
here:   mov ax, 0x0201
        mov bx, 0x7c00
        mov cx, 30
        mov dh, 0
        int 0x13
        jmp 0:0x7c00
        times 446 - ($ - $$) db 0
        db 0x80, 1, 1, 0, 6, 15, 63, 19
        dd 63, 20160 - 63
        times 510 - ($ - $$) db 0
        dw 0xaa55
