; INT 16h. Keys come from the 8042 itself (command D2h puts a byte as if the keyboard had sent it).
%include "check.inc"
%macro key 1-*
%rep %0
        mov al, %1
        call send
%rotate 1
%endrep
%endmacro
        mov ah, 1
        svc 0x16
        want_bits 'empty ZF', r_flags, 0x40, 0x40
        key 0x1e, 0x9e
        mov ah, 1
        svc 0x16
        want_bits 'a ZF', r_flags, 0x40, 0
        want16 'a peeked', r_ax, 0x1e61
        mov ah, 0
        svc 0x16
        want16 'a', r_ax, 0x1e61
        key 0x2a, 0x1e, 0x9e
        mov ah, 2
        svc 0x16
        want8 'left shift down', r_al, 2
        key 0xaa
        mov ah, 2
        svc 0x16
        want8 'left shift up', r_al, 0
        mov ah, 0
        svc 0x16
        want16 'A', r_ax, 0x1e41
        key 0x1d, 0x2e, 0xae, 0x9d
        mov ah, 0
        svc 0x16
        want16 'Ctrl-C', r_ax, 0x2e03
        key 0x38, 0x10, 0x90, 0xb8
        mov ah, 0
        svc 0x16
        want16 'Alt-Q', r_ax, 0x1000
        key 0x3b, 0xbb
        mov ah, 0
        svc 0x16
        want16 'F1', r_ax, 0x3b00
        key 0xe0, 0x48, 0xe0, 0xc8
        mov ah, 0x10
        svc 0x16
        want16 'grey up, 10h', r_ax, 0x48e0
        key 0xe0, 0x48, 0xe0, 0xc8
        mov ah, 0
        svc 0x16
        want16 'grey up, 00h', r_ax, 0x4800
        key 0x57, 0xd7
        mov ah, 0x10
        svc 0x16
        want16 'F11, 10h', r_ax, 0x8500
        mov ah, 5
        mov cx, 0x1234
        svc 0x16
        want8 '05h AL', r_al, 0
        mov ah, 0
        svc 0x16
        want16 '05h key', r_ax, 0x1234
        key 0x38, 0x4d, 0xcd, 0x4c, 0xcc, 0xb8
        mov ah, 0
        svc 0x16
        want16 'Alt-65', r_ax, 65
        key 0x2a, 0x1d
        mov ah, 0x12
        svc 0x16
        want_bits '12h', r_ax, 0x010f, 0x0106
        key 0xaa, 0x9d
        ; 15 keys fit, then 05h says full
        mov bp, 15
.fill:  mov ah, 5
        mov cx, 0x1e61
        int 0x16
        dec bp
        jnz .fill
        mov ah, 5
        mov cx, 0x1e62
        svc 0x16
        want8 'full buffer', r_al, 1
        mov bp, 15
.drain: mov ah, 0
        int 0x16
        dec bp
        jnz .drain
        mov ah, 1
        svc 0x16
        want_bits 'drained ZF', r_flags, 0x40, 0x40
        ; the hook INT 15h AH=4Fh may change and drop keys
        mov eax, [0x54]
        mov [old], eax
        mov word [0x54], hook
        mov word [0x56], 0
        key 0x1e, 0x9e
        mov eax, [old]
        mov [0x54], eax
        mov ah, 0
        svc 0x16
        want16 '4Fh makes a to b', r_ax, 0x3062
        done
send:   push ax
        call ready
        mov al, 0xd2
        out 0x64, al
        call ready
        pop ax
        out 0x60, al
        ; time for the interrupt
        mov cx, 2000
.wait:  in al, 0x61
        loop .wait
        ret
ready:  in al, 0x64
        test al, 3
        jnz ready
        ret
hook:   cmp ax, 0x4f1e
        jne .as_is
        mov al, 0x30
.as_is: push bp
        mov bp, sp
        or byte [bp + 6], 1
        pop bp
        iret
        align 4
old:    dd 0
        times 512 * SECTORS - ($ - $$) db 0
