; INT 10h: text, palette, fonts, VBE.
%include "check.inc"
        mov ax, 3
        svc 0x10
        mov ah, 0x0f
        svc 0x10
        want16 '0Fh AX', r_ax, 0x5003
        want8 '0Fh page', r_bh, 0
        mov ah, 2
        mov bh, 0
        mov dx, 0x0510
        svc 0x10
        mov ah, 3
        mov bh, 0
        svc 0x10
        want16 'cursor', r_dx, 0x0510
        mov ax, 0x0e58
        mov bx, 7
        svc 0x10
        mov ah, 3
        mov bh, 0
        svc 0x10
        want16 'cursor after teletype', r_dx, 0x0511
        mov ah, 2
        mov bh, 0
        mov dx, 0x0510
        int 0x10
        mov ah, 8
        mov bh, 0
        svc 0x10
        want16 '08h', r_ax, 0x0758
        mov ax, 0x0941
        mov bx, 0x1e
        mov cx, 3
        svc 0x10
        mov ax, 0xb800
        mov ds, ax
        mov eax, [(5 * 80 + 0x11) * 2]
        mov [cs:word0], eax
        xor ax, ax
        mov ds, ax
        want32 '09h in memory', word0, 0x1e411e41
        ; scroll up a line: row 5 to 4
        mov ax, 0x0601
        mov bh, 0x07
        mov cx, 0
        mov dx, 0x184f
        svc 0x10
        mov ah, 2
        mov bh, 0
        mov dx, 0x0410
        int 0x10
        mov ah, 8
        mov bh, 0
        svc 0x10
        want16 'scrolled', r_ax, 0x1e41
        ; teletype at the end of the screen scrolls
        mov ah, 2
        mov bh, 0
        mov dx, 0x184f
        int 0x10
        mov ax, 0x0e5a
        mov bx, 7
        int 0x10
        mov ah, 3
        mov bh, 0
        svc 0x10
        want16 'cursor after scroll', r_dx, 0x1800
        mov ah, 1
        mov cx, 0x0607
        int 0x10
        mov ah, 3
        mov bh, 0
        svc 0x10
        want16 'cursor shape', r_cx, 0x0607
        mov ax, 0x1010
        mov bx, 5
        mov cx, 0x1122
        mov dx, 0x3300
        svc 0x10
        mov ax, 0x1015
        mov bx, 5
        svc 0x10
        want16 '1015h green, blue', r_cx, 0x1122
        want8 '1015h red', r_dh, 0x33
        mov ax, 0x1130
        mov bh, 6
        svc 0x10
        want16 '1130h height', r_cx, 16
        want8 '1130h rows', r_dl, 24
        mov ax, 0x1130
        mov bh, 3
        svc 0x10
        mov ax, [r_es]
        mov es, ax
        mov bp, [r_ebp]
        mov eax, [es:bp]
        mov [word0], eax
        xor ax, ax
        mov es, ax
        want32 '8x8 font starts with a blank', word0, 0
        mov ax, 0x1a00
        svc 0x10
        want8 '1Ah AL', r_al, 0x1a
        want8 '1Ah BL', r_bl, 8
        mov ah, 0x12
        mov bl, 0x10
        svc 0x10
        want16 '12h BL=10h', r_bx, 3
        mov dword [0x2000], 'VBE2'
        mov ax, 0x4f00
        mov di, 0x2000
        svc 0x10
        want16 '4F00h AX', r_ax, 0x004f
        want32 '4F00h signature', 0x2000, 'VESA'
        mov ax, 0x4f01
        mov cx, 0x101
        mov di, 0x2000
        svc 0x10
        want16 '4F01h AX', r_ax, 0x004f
        want16 '4F01h width', 0x2012, 640
        want16 '4F01h height', 0x2014, 480
        want8 '4F01h bits', 0x2019, 8
        mov ax, 0x4fee
        svc 0x10
        want16 'bad VBE function', r_ax, 0x4fee
        mov ax, 0x13
        svc 0x10
        mov ah, 0x0f
        svc 0x10
        want16 'mode 13h', r_ax, 0x2813
        mov ax, 0x0c2a
        mov bh, 0
        mov cx, 100
        mov dx, 50
        svc 0x10
        mov ah, 0x0d
        mov bh, 0
        mov cx, 100
        mov dx, 50
        svc 0x10
        want8 'pixel', r_al, 0x2a
        mov ax, 3
        int 0x10
        done
        align 4
word0:  dd 0
        times 512 * SECTORS - ($ - $$) db 0
