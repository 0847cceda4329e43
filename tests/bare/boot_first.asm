; A floppy that gives up: INT 18h goes on with the disk, where boot_second counts on.
        bits 16
        org 0x7c00
        xor ax, ax
        mov ds, ax
        cmp dword [0x604], 'BOOT'
        je .again
        mov dword [0x604], 'BOOT'
        mov word [0x600], 0
.again: inc word [0x600]
        int 0x18
        times 510 - ($ - $$) db 0
        dw 0xaa55
