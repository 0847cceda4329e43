; Each letter on COM1 is something to do with a medium; the answer is a line on COM1.
;   f            sector 2 of the diskette by INT 13h, in three tries: its first byte, or AH
;   other ones   a packet to the secondary master, from the table below: + and the first bytes of its data, or - and the sense
        bits 16
        org 0x7c00
BUFFER  equ 0x8000
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        mov dx, 0x376 ; no interrupts from the drive
        mov al, 2
        out dx, al
        mov al, '>'
        call put
next:   mov dx, 0x3fd
.wait:  in al, dx
        test al, 1
        jz .wait
        mov dl, 0xf8
        in al, dx
        cmp al, 'f'
        je diskette
        mov si, packets
.find:  cmp byte [si], 0
        je next
        cmp al, [si]
        je .found
        add si, 14
        jmp .find
.found: mov bl, [si + 1] ; bytes to show
        add si, 2
        mov di, BUFFER
        call packet
        jc failed
        mov al, '+'
        call put
        mov si, BUFFER
show:   test bl, bl
        jz line
        lodsb
        call hex
        dec bl
        jmp show
failed: mov al, '-'
        call put
        mov si, sense
        mov di, BUFFER
        call packet
        mov al, [BUFFER + 2]
        call hex
        mov al, [BUFFER + 12]
        call hex
        mov al, [BUFFER + 13]
        call hex
line:   mov al, 10
        call put
        jmp next

diskette:
        mov bp, 3
.again: mov ax, 0x0201
        mov bx, BUFFER
        mov cx, 2
        mov dx, 0
        int 0x13
        mov al, '+'
        mov dl, [BUFFER]
        jnc .end
        mov al, '-'
        mov dl, ah
        dec bp
        jnz .again
.end:   push dx
        call put
        pop ax
        call hex
        jmp line

; The packet at SI; data goes to DI. Carry: it failed.
packet: mov dx, 0x176
        mov al, 0xa0
        out dx, al
        call ready
        mov dx, 0x171
        mov al, 0
        out dx, al
        mov dl, 0x74 ; at most 2048 bytes at once
        out dx, al
        inc dx
        mov al, 8
        out dx, al
        mov dl, 0x77
        mov al, 0xa0
        out dx, al
        call ready
        mov dx, 0x170
        mov cx, 6
        rep outsw
.more:  call ready
        test al, 8
        jz .end
        mov dx, 0x175
        in al, dx
        mov ah, al
        dec dx
        in al, dx
        mov cx, ax
        shr cx, 1
        mov dl, 0x70
        rep insw
        jmp .more
.end:   shr al, 1
        ret

; Waits until the drive is not busy; AL: its status.
ready:  mov dx, 0x376
        in al, dx
.wait:  in al, dx
        test al, 0x80
        jnz .wait
        ret

hex:    push ax
        shr al, 4
        call .digit
        pop ax
.digit: and al, 15
        cmp al, 10
        sbb al, 0x69
        das
put:    push ax
        mov dx, 0x3fd
.wait:  in al, dx
        test al, 0x20
        jz .wait
        mov dl, 0xf8
        pop ax
        out dx, al
        ret

packets:
        db 't', 0, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0    ; TEST UNIT READY
        db 'c', 1, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0    ; READ(10): sector 0
        db 'l', 0, 0x1e, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0    ; PREVENT ALLOW MEDIUM REMOVAL
        db 'u', 0, 0x1e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        db 'e', 0, 0x1b, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0    ; START STOP UNIT: eject
        db 'i', 0, 0x1b, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0    ; ... and load
        db 'g', 6, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0, 0, 0 ; GET EVENT STATUS NOTIFICATION: media
        db 0
sense:  db 0x03, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0
