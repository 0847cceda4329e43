; El Torito without emulation. Sector 16 of the disc is the primary volume descriptor.
%define PRELOADED
%include "check.inc"
        want8 'boot drive', boot_drive, 0xe0
        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, [boot_drive]
        svc 0x13
        want_cf '41h CF', 0
        want16 '41h BX', r_bx, 0xaa55
        mov ah, 0x42
        mov dl, [boot_drive]
        mov si, packet
        svc 0x13
        want_cf '42h CF', 0
        want32 '42h data', 0x2000, 0x30444301 ; 01 'CD0'
        mov ax, 0x4b01
        mov dl, [boot_drive]
        mov si, 0x2a00
        svc 0x13
        want_cf '4B01h CF', 0
        want8 '4B01h size', 0x2a00, 0x13
        want8 '4B01h media', 0x2a01, 0
        want8 '4B01h drive', 0x2a02, 0xe0
        want32 '4B01h image', 0x2a04, 20
        mov word [0x2a00], 30
        mov ah, 0x48
        mov dl, [boot_drive]
        mov si, 0x2a00
        svc 0x13
        want_cf '48h CF', 0
        want16 '48h sector size', 0x2a18, 2048
        mov ax, 0x4300
        mov dl, [boot_drive]
        mov si, packet
        svc 0x13
        want_cf '43h CF', 1
        mov word [packet + 2], 1
        mov dword [packet + 8], 0x00ffffff
        mov ah, 0x42
        mov dl, [boot_drive]
        mov si, packet
        svc 0x13
        want_cf '42h beyond CF', 1
        done
        align 4
packet: db 16, 0
        dw 1, 0x2000, 0
        dq 16
        times 512 * SECTORS - ($ - $$) db 0
