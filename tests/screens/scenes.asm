; Boot sector and loader of one screen each: nasm -DSCENE=name. Draws, says "~" at port E9h, halts.
        bits 16
        cpu 686
        org 0x7c00
SECTORS equ 8
start:  jmp 0:.here
.here:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        mov ax, 0x0200 + SECTORS - 1
        mov bx, 0x7e00
        mov cx, 2
        mov dh, 0
        int 0x13
        call SCENE
ready:  mov al, '~'
        out 0xe9, al
.stop:  sti
        hlt
        jmp .stop
        times 510 - ($ - $$) db 0
        dw 0xaa55

; out16 PORT, INDEX, VALUE
%macro out16 3
        mov dx, %1
        mov ax, (%3) << 8 | (%2)
        out dx, ax
%endmacro
; crtc INDEX, VALUE: with the lock of 0-7 taken off
%macro crtc 2
        out16 0x3d4, %1, %2
%endmacro
; attribute controller register
%macro attr 2
        mov dx, 0x3da
        in al, dx
        mov dx, 0x3c0
        mov al, %1
        out dx, al
        mov al, %2
        out dx, al
        mov al, 0x20
        out dx, al
%endmacro
%macro mode 1
        mov ax, %1
        int 0x10
%endmacro
%macro no_cursor 0
        mov ah, 1
        mov cx, 0x2000
        int 0x10
%endmacro
%macro segment_es 1
        mov ax, %1
        mov es, ax
        xor di, di
%endmacro

; every character in every attribute, as a grid: cell n has character n, attribute n * 7
cells:  xor bx, bx
.next:  mov al, bl
        mov ah, bl
        imul dx, bx, 7
        mov ah, dl
        stosw
        inc bx
        cmp bx, cx
        jb .next
        ret

text80: mode 3
        no_cursor
        mov ax, 0x1003          ; intensity in place of blinking
        mov bl, 0
        int 0x10
        segment_es 0xb800
        mov cx, 2000
        jmp cells

text40: mode 1
        no_cursor
        mov ax, 0x1003
        mov bl, 0
        int 0x10
        segment_es 0xb800
        mov cx, 1000
        jmp cells

text50: mode 3
        mov ax, 0x1112
        mov bl, 0
        int 0x10
        no_cursor
        mov ax, 0x1003
        mov bl, 0
        int 0x10
        segment_es 0xb800
        mov cx, 4000
        jmp cells

; two fonts: attribute bit 3 chooses; 8 dots
fonts:  mode 3
        no_cursor
        mov ax, 0x1114          ; 8x16 to block 0
        mov bl, 0
        int 0x10
        mov ax, 0x1102          ; 8x8 to block 1
        mov bl, 1
        int 0x10
        mov ax, 0x1103
        mov bl, 0x04            ; bit 3 set: block 1
        int 0x10
        mov ax, 0x1003
        mov bl, 0
        int 0x10
        out16 0x3c4, 1, 1       ; 8 dots
        segment_es 0xb800
        mov cx, 2000
        jmp cells

; monochrome: underline, 9th dot of line graphics
mono:   mode 7
        no_cursor
        mov ax, 0x1003
        mov bl, 0
        int 0x10
        segment_es 0xb000
        xor bx, bx
.next:  mov al, bl
        mov ah, bl
        shr ah, 1
        and ah, 0x77
        or ah, 1
        stosw
        inc bx
        cmp bx, 2000
        jb .next
        ret

; CGA banks
cga_pattern:
        segment_es 0xb800
        mov cx, 0x2000
.next:  mov ax, di
        imul ax, 0x1d35
        xor ax, di
        stosw
        loop .next
        ret
cga4:   mode 4
        jmp cga_pattern
cga5:   mode 5
        mov ah, 0x0b            ; the other palette
        mov bx, 0x0100
        int 0x10
        jmp cga_pattern
cga6:   mode 6
        jmp cga_pattern

; a pattern in the four planes
plane_pattern:
        segment_es 0xa000
        mov bl, 1
.plane: mov dx, 0x3c4
        mov al, 2
        mov ah, bl
        out dx, ax
        xor di, di
.next:  mov ax, di
        mov cl, bl
        shr ax, cl
        imul ax, 0x2b
        stosb
        test di, di
        jnz .next
        shl bl, 1
        cmp bl, 16
        jb .plane
        out16 0x3c4, 2, 0x0f
        ret
ega0d:  mode 0x0d
        jmp plane_pattern
ega0e:  mode 0x0e
        jmp plane_pattern
ega10:  mode 0x10
        jmp plane_pattern
vga11:  mode 0x11
        jmp plane_pattern
vga12:  mode 0x12
        jmp plane_pattern

; write modes, rotation, logical operations, latches: eight stripes each over the same ground
write_modes:
        mode 0x12
        call plane_pattern
        xor bp, bp
.stripe:
        mov al, [bp + .wm]
        mov ah, al
        mov al, 5
        mov dx, 0x3ce
        out dx, ax
        mov ah, [bp + .rotate]
        mov al, 3
        out dx, ax
        mov ah, [bp + .mask]
        mov al, 8
        out dx, ax
        mov ax, 0x0a00          ; set/reset colour 10
        out dx, ax
        mov ah, [bp + .enable]
        mov al, 1
        out dx, ax
        imul di, bp, 80 * 40
        mov cx, 80 * 36
.next:  mov al, [es:di + 80]    ; the latches
        mov ax, di
        stosb
        loop .next
        inc bp
        cmp bp, 11
        jb .stripe
        ret
.wm:    db 0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 3
.rotate: db 0, 3, 8, 0x10, 0x18, 0, 0, 0, 0x18, 0, 0x0d
.mask:  db 0xff, 0xff, 0xff, 0xff, 0xff, 0x3c, 0xff, 0xff, 0x55, 0xff, 0xf0
.enable: db 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0

; read mode 1 finds colour 10 and copies where it is to below
read_mode:
        mode 0x12
        call plane_pattern
        mov cx, 80 * 100
        xor di, di
.next:  out16 0x3ce, 5, 8
        out16 0x3ce, 2, 10
        out16 0x3ce, 7, 0x0e    ; bit 0 does not matter
        mov bl, [es:di]
        out16 0x3ce, 5, 0
        mov [es:di + 80 * 240], bl
        inc di
        loop .next
        ret

vga13:  mode 0x13
        segment_es 0xa000
.next:  mov ax, di
        shr ax, 6
        add ax, di
        stosb
        test di, di
        jnz .next
        ret

; unchained: 320x240, four planes; CRTC values of the 480-line timing
unchain:
        out16 0x3c4, 4, 0x06
        crtc 0x14, 0x00
        crtc 0x17, 0xe3
        ret
lines480:
        mov dx, 0x3c2
        mov al, 0xe3
        out dx, al
        crtc 0x11, 0x2c
        crtc 0x06, 0x0d
        crtc 0x07, 0x3e
        crtc 0x10, 0xea
        crtc 0x11, 0xac
        crtc 0x12, 0xdf
        crtc 0x15, 0xe7
        crtc 0x16, 0x06
        ret
mode_x: mode 0x13
        call unchain
        call lines480
        jmp plane_pattern
; 320x400
mode_x400:
        mode 0x13
        call unchain
        crtc 0x09, 0x40
        jmp plane_pattern

; line compare, panning, start address: a game's scrolled playfield over a fixed status bar
split:  mode 0x0d
        call plane_pattern
        crtc 0x0c, 0x10
        crtc 0x0d, 0x03
        crtc 0x18, 0x20         ; line compare 120h
        mov dx, 0x3d4
        mov al, 7
        out dx, al
        inc dx
        in al, dx
        or al, 0x10
        out dx, al
        dec dx
        mov al, 9
        out dx, al
        inc dx
        in al, dx
        and al, 0xbf
        out dx, al
        attr 0x10, 0x21         ; the status bar is not panned
        attr 0x13, 5
        ret
; smooth scrolling of text: preset row, panning, start
text_scroll:
        call text80
        crtc 0x08, 0x05
        attr 0x13, 3
        crtc 0x0d, 40
        ret

; colours: palette, colour select, plane enable, PEL mask
colours:
        mode 0x12
        call plane_pattern
        attr 3, 0x15
        attr 0x10, 0x81
        attr 0x14, 0x0d
        attr 0x12, 0x0b
        mov dx, 0x3c6
        mov al, 0xef
        out dx, al
        mov dx, 0x3c8
        mov al, 0xc0
        out dx, al
        inc dx
        mov cx, 64 * 3
        xor al, al
.next:  out dx, al
        add al, 5
        loop .next
        ret

; VBE: fills by banks with a gradient; BX mode, BP number of banks
vbe_fill:
        mov ax, 0x4f02
        int 0x10
        xor si, si
.bank:  mov ax, 0x4f05
        xor bx, bx
        mov dx, si
        int 0x10
        segment_es 0xa000
.next:  mov ax, di
        shr ax, 5
        add ax, si
        xor al, ah
        stosb
        test di, di
        jnz .next
        inc si
        cmp si, bp
        jb .bank
        ret
vbe8:   mov bx, 0x101
        mov bp, 5
        jmp vbe_fill
vbe15:  mov bx, 0x110
        mov bp, 10
        jmp vbe_fill
vbe16:  mov bx, 0x111
        mov bp, 10
        jmp vbe_fill
vbe24:  mov bx, 0x112
        mov bp, 15
        jmp vbe_fill
vbe32:  mov bx, 0x142
        mov bp, 19
        jmp vbe_fill
; 8-bit DAC, a wider line, panned
vbe_pan:
        call vbe8
        mov ax, 0x4f06
        mov bl, 0
        mov cx, 800
        int 0x10
        mov ax, 0x4f07
        xor bx, bx
        mov cx, 24
        mov dx, 10
        int 0x10
        mov ax, 0x4f08
        mov bx, 0x0800
        int 0x10
        mov dx, 0x3c8
        xor al, al
        out dx, al
        inc dx
        mov cx, 768
.next:  out dx, al
        add al, 3
        loop .next
        ret
vbe4:   mov ax, 0x4f02
        mov bx, 0x102
        int 0x10
        jmp plane_pattern
        times SECTORS * 512 - ($ - $$) db 0
