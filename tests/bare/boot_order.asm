; -boot order=ca with a disk that holds no system: the floppy boots.
%include "check.inc"
        want8 'boot drive', boot_drive, 0
        done
        times 512 * SECTORS - ($ - $$) db 0
