; The disk after boot_first. The first time it starts over by INT 19h.
%include "check.inc"
        want8 'boot drive', boot_drive, 0x80
        cmp word [0x600], 2
        jae .again
        want16 'INT 18h came from the floppy', 0x600, 1
        int 0x19
.again: want16 'INT 19h boots the floppy again', 0x600, 2
        done
        times 512 * SECTORS - ($ - $$) db 0
