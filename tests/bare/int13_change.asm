; INT 13h when the disk is changed: "CHANGE" at port E9h asks for it (run.py). The new one has 01 23 45 67h at the end.
%include "check.inc"
        mov ax, 0x1600
        mov dl, 0
        svc 0x13
        want_cf '16h before: CF', 0
        mov si, ask
        call say
        ; INT 16h would need a key: watch the change line itself, for about 10 s
        mov word [tries], 180
.wait:  mov ax, 0x1600
        mov dl, 0
        svc 0x13
        test byte [r_flags], 1
        jnz .told
        mov bx, [0x46c]
.tick:  hlt
        cmp bx, [0x46c]
        je .tick
        dec word [tries]
        jnz .wait
.told:  want_cf '16h after: CF', 1
        want8 '16h after: AH', r_ah, 6
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x4f12
        mov dx, 0x0100
        svc 0x13
        want_cf 'the next read says so once: CF', 1
        want8 'the next read says so once: AH', r_ah, 6
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 0x4f12
        mov dx, 0x0100
        svc 0x13
        want_cf 'then it reads: CF', 0
        want32 'then it reads the new disk', 0x2000, 0x67452301
        mov ax, 0x1600
        mov dl, 0
        svc 0x13
        want_cf '16h in the end: CF', 0
        done
ask:    db 'CHANGE', 10, 0
tries:  dw 0
        times 512 * SECTORS - ($ - $$) db 0
