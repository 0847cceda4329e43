; A Multiboot kernel for limits.py: 2 MiB of blocks that load, add, store, compare and jump, so many that no cache of code holds all.
; Each 64 KiB of them run sixteen times, so that they are translated. Then it says "done" on the serial port and halts.

CODE   equ 0x400000
CHUNK  equ 0x10000
END    equ 0x600000

        bits 32
        org 0x100000

header: dd 0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
        dd header, header, 0, 0, start

block:  times 4 db 0x03, 0x83, 0, 1, 0, 0, 0x01, 0x43, 0x08, 0x3b, 0x43, 0x0c, 0x74, 0x00
                                        ; add eax, [ebx+100h]; add [ebx+8], eax; cmp eax, [ebx+12]; jz $+2
        times 8 nop

start:  cld
        mov esp, 0x90000
        mov edi, CODE
fill:   mov esi, block
        mov ecx, 16
        rep movsd
        cmp edi, END
        jb fill
        mov ebp, CODE
chunk:  mov byte [ebp + CHUNK - 1], 0xc3 ; ret
        mov edx, 16
        mov ebx, 0x200000
again:  call ebp
        dec edx
        jnz again
        add ebp, CHUNK
        cmp ebp, END
        jb chunk
        mov esi, text
        mov edx, 0x3f8
        mov ecx, 5
        rep outsb
        cli
        hlt

text:   db "done", 10
