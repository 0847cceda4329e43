; INT 10h AH=4Fh: VBE 3.0, banked and linear, planes too, panning, DAC, protected mode, EDID.
%define SECTORS 17
%include "check.inc"
        jmp begin
word0:  dd 0
count:  dd 0
linear: dd 0
modes:  dd 0

; 4F01h for mode CX, to info
%macro mode_info 1
        mov ax, 0x4f01
        mov cx, %1
        mov di, info
        svc 0x10
%endmacro
; 4F02h
%macro set_mode 1
        mov ax, 0x4f02
        mov bx, %1
        svc 0x10
%endmacro
%macro vbe 1
        mov ax, %1
        svc 0x10
%endmacro
; byte at the bank window + offset to word0
%macro peek_window 1
        mov ax, 0xa000
        mov ds, ax
        movzx eax, byte [%1]
        push 0
        pop ds
        mov [word0], eax
%endmacro
%macro poke_window 2
        mov ax, 0xa000
        mov ds, ax
        mov byte [%1], %2
        push 0
        pop ds
%endmacro

begin:
        mov dword [info], 'VBE2'
        mov di, info
        vbe 0x4f00
        want16 '4F00', r_ax, 0x004f
        want32 'VESA', info, 'VESA'
        want16 'version', info + 4, 0x0300
        want32 'capabilities', info + 10, 1
        want16 'memory', info + 18, 256
        ; the list of modes: each is there, and 4F01 knows it
        mov eax, [info + 14]
        mov [modes], eax
next_mode:
        les bx, [modes]
        mov cx, [es:bx]
        push 0
        pop es
        cmp cx, -1
        je listed
        add word [modes], 2
        inc word [count]
        mov ax, 0x4f01
        mov di, info2
        svc 0x10
        want16 'a mode of the list', r_ax, 0x004f
        want_bits 'is supported', info2, 0x1b, 0x1b
        jmp next_mode
listed:
        want_range 'modes', count_dword, 20, 100

        mode_info 0x101
        want16 '101h attributes', info, 0x9b
        want16 'window', info + 8, 0xa000
        want16 'line', info + 16, 640
        want16 'width', info + 18, 640
        want16 'height', info + 20, 480
        want8 'depth', info + 25, 8
        want8 'packed', info + 27, 4
        want_range 'linear frame buffer', info + 40, 0xc0000000, 0xfe000000
        want16 'linear line', info + 50, 640
        mode_info 0x102
        want16 '102h attributes', info, 0x1b
        want16 'line of a plane', info + 16, 100
        want8 'planes', info + 24, 4
        want8 'depth', info + 25, 4
        want8 'planar', info + 27, 3
        want32 'no linear frame buffer', info + 40, 0
        mode_info 0x110
        want32 '5:5:5', info + 31, 0x05050a05
        mode_info 0x111
        want32 '5:6:5', info + 31, 0x05060b05
        mode_info 0x112
        want32 '8:8:8', info + 31, 0x08081008
        want16 'line of 24 bits', info + 16, 1920
        mode_info 0x1ff
        want16 'no such mode', r_ax, 0x014f

        ; 256 colours by banks
        set_mode 0x101
        want16 '4F02', r_ax, 0x004f
        vbe 0x4f03
        want16 '4F03', r_bx, 0x0101
        xor bx, bx
        mov dx, 3
        vbe 0x4f05
        want16 'bank', r_ax, 0x004f
        poke_window 0x10, 0x5a
        xor bx, bx
        mov dx, 2
        vbe 0x4f05
        peek_window 0x10
        want32 'another bank', word0, 0
        ; the window function does the same
        mode_info 0x101
        xor bx, bx
        mov dx, 3
        call far [info + 12]
        peek_window 0x10
        want32 'the bank by far call', word0, 0x5a
        mov bx, 0x100
        xor dx, dx
        call far [info + 12]
        call capture
        want16 'which bank', r_dx, 3
        mov bx, 0
        mov dx, 256
        vbe 0x4f05
        want16 'no such bank', r_ax, 0x014f

        ; virtual size, start
        mov bx, 0
        mov cx, 1024
        vbe 0x4f06
        want16 'line in bytes', r_bx, 1024
        want16 'line in pixels', r_cx, 1024
        want16 'lines', r_dx, 16384
        mov bx, 2
        mov cx, 800
        vbe 0x4f06
        want16 'line in pixels, by bytes', r_cx, 800
        mov bx, 3
        vbe 0x4f06
        want16 'the longest line', r_cx, 0x8888 & 0xfff8
        xor bx, bx
        mov cx, 8
        mov dx, 100
        vbe 0x4f07
        mov bx, 1
        vbe 0x4f07
        want16 'start x', r_cx, 8
        want16 'start y', r_dx, 100
        mov bx, 0x80
        mov cx, 0
        mov dx, 0
        vbe 0x4f07
        want16 'start at the retrace', r_ax, 0x004f

        ; DAC
        mov bx, 0x0800
        vbe 0x4f08
        want8 '8 bits', r_bh, 8
        mov dword [info], 0x00abcdef
        mov bx, 0
        mov cx, 1
        mov dx, 7
        mov di, info
        vbe 0x4f09
        mov dword [info], 0
        mov bx, 1
        mov cx, 1
        mov dx, 7
        mov di, info
        vbe 0x4f09
        want32 'palette of 8 bits', info, 0x00abcdef
        mov bx, 0x0600
        vbe 0x4f08
        want8 '6 bits', r_bh, 6

        ; linear
        mode_info 0x115
        mov eax, [info + 40]
        mov [linear], eax
        set_mode 0x4115
        want16 'linear mode', r_ax, 0x004f
        vbe 0x4f03
        want16 'its number', r_bx, 0x4115
        call flat
        mov edi, [linear]
        mov dword [gs:edi + 800 * 3 * 100], 0x00c0ffee
        xor bx, bx
        mov dx, 800 * 3 * 100 >> 16
        vbe 0x4f05
        peek_window 800 * 3 * 100 & 0xffff
        want32 'linear and banked are one', word0, 0xee

        ; 16 colours in planes
        set_mode 0x4102
        want16 'no linear planes', r_ax, 0x014f
        set_mode 0x104
        want16 'planes', r_ax, 0x004f
        mov bx, 1
        vbe 0x4f06
        want16 'bytes of a plane', r_bx, 128
        mov dx, 0x3c4
        mov ax, 0x0502
        out dx, ax
        mov bx, 0
        mov dx, 1
        vbe 0x4f05
        poke_window 0x100, 0xff
        mov dx, 0x3ce
        mov ax, 0x0204
        out dx, ax
        peek_window 0x100
        want32 'plane 2', word0, 0xff
        mov dx, 0x3ce
        mov ax, 0x0104
        out dx, ax
        peek_window 0x100
        want32 'plane 1', word0, 0

        ; protected mode's functions
        mov bx, 0
        vbe 0x4f0a
        want16 '4F0A', r_ax, 0x004f
        want16 'in the ROM', r_es, 0xc000

        ; EDID
        mov bx, 0
        xor cx, cx
        vbe 0x4f15
        want16 'DDC', r_ax, 0x004f
        mov bx, 1
        xor cx, cx
        xor dx, dx
        mov di, info
        vbe 0x4f15
        want32 'EDID', info, 0xffffff00
        xor al, al
        mov cx, 128
        mov si, info
.sum:   add al, [si]
        inc si
        loop .sum
        movzx eax, al
        mov [word0], eax
        want32 'its sum', word0, 0
        want16 'its first line', info + 54 + 2, 0x4000

        set_mode 3
        want16 'back to text', r_ax, 0x004f
        vbe 0x4f03
        want16 'mode 3', r_bx, 3
        done

; GS with a limit of 4 GiB
flat:   cli
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov bx, 8
        mov gs, bx
        and al, 0xfe
        mov cr0, eax
        sti
        ret
gdtr:   dw 15
        dd gdt
gdt:    dq 0, 0x00cf92000000ffff
count_dword equ count
info    equ 0x3000
info2   equ 0x3400
        times SECTORS * 512 - ($ - $$) db 0
