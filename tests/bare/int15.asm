; INT 15h on a machine of 64 MiB.
%include "check.inc"
        mov ah, 0x88
        svc 0x15
        want_cf '88h CF', 0
        want16 '88h KiB', r_ax, 63 * 1024 - 4
        mov ax, 0xe801
        svc 0x15
        want_cf 'E801h CF', 0
        want16 'E801h AX', r_ax, 15 * 1024
        want16 'E801h BX', r_bx, 48 * 16 - 1 ; the last page has the FACS
        want16 'E801h CX', r_cx, 15 * 1024
        ; E820: sorted, no overlap, ends within 16 calls, 63 MiB from 1 MiB up, of which the last page is the ACPI tables'
        xor ebx, ebx
        mov dword [prev_end], 0
        mov word [entries], 0
.map:   mov eax, 0xe820
        mov edx, 0x534d4150
        mov ecx, 20
        mov di, 0x2000
        svc 0x15
        want_cf 'E820h CF', 0
        want32 'E820h EAX', r_eax, 0x534d4150
        want32 'E820h ECX', r_ecx, 20
        mov eax, [0x2000]
        cmp eax, [prev_end]
        setb [flag]
        want8 'E820h entry below the one before', flag, 0
        mov eax, [0x2000]
        add eax, [0x2008]
        mov [prev_end], eax
        cmp dword [0x2000], 0x3fff000
        jne .low
        want32 'E820h the last page', 0x2008, 4096
        want32 'E820h its type is ACPI NVS', 0x2010, 4
        inc word [above]
.low:   cmp dword [0x2000], 0x100000
        jne .next
        want32 'E820h RAM above 1 MiB', 0x2008, (63 << 20) - 4096
        want32 'E820h its type', 0x2010, 1
        inc word [above]
.next:  inc word [entries]
        cmp word [entries], 16
        jae .over
        mov ebx, [r_ebx]
        test ebx, ebx
        jnz .map
.over:  want_bits 'E820h ends', entries, 0xfff0, 0
        want16 'E820h has RAM above 1 MiB, and its last page', above, 2
        mov eax, 0xe820
        mov edx, 0x12345678
        xor ebx, ebx
        mov ecx, 20
        mov di, 0x2000
        svc 0x15
        want_cf 'E820h without SMAP CF', 1
        ; 87h: to 2 MiB and back, A20 as it was
        mov ax, 0x2400
        svc 0x15
        want_cf '2400h CF', 0
        mov ax, 0x2402
        svc 0x15
        want8 '2402h after 2400h', r_al, 0
        mov dword [0x2000], 0xdecafbad
        mov dword [0x2010], 0
        mov dword [gdt + 0x12], 0x93002000
        mov dword [gdt + 0x1a], 0x93300000
        mov ah, 0x87
        mov cx, 8
        mov si, gdt
        svc 0x15
        want_cf '87h CF', 0
        want8 '87h AH', r_ah, 0
        mov dword [gdt + 0x12], 0x93300000
        mov dword [gdt + 0x1a], 0x93002010
        mov ah, 0x87
        mov cx, 8
        mov si, gdt
        svc 0x15
        want32 '87h there and back', 0x2010, 0xdecafbad
        mov ax, 0x2402
        svc 0x15
        want8 'A20 after 87h', r_al, 0
        mov ax, 0x2401
        svc 0x15
        mov ax, 0x2402
        svc 0x15
        want8 '2402h after 2401h', r_al, 1
        mov ax, 0x2403
        svc 0x15
        want_cf '2403h CF', 0
        ; 86h: a second is 18 ticks
        mov eax, [0x46c]
        mov [prev_end], eax
        mov ah, 0x86
        mov cx, 1000000 >> 16
        mov dx, 1000000 & 0xffff
        svc 0x15
        want_cf '86h CF', 0
        mov eax, [0x46c]
        sub eax, [prev_end]
        mov [prev_end], eax
        want_range '86h ticks in a second', prev_end, 17, 20
        ; 83h: bit 7 of the flag is set when the time is over; one wait at a time; AL=1 ends it
        mov ax, 0x8300
        mov cx, 500000 >> 16
        mov dx, 500000 & 0xffff
        mov bx, posted
        svc 0x15
        want_cf '83h CF', 0
        want8 '83h not yet', posted, 0x01
        mov ax, 0x8300
        svc 0x15
        want_cf '83h busy CF', 1
        mov ah, 0x86
        svc 0x15
        want_cf '86h while 83h waits CF', 1
        mov eax, [0x46c]
        mov [prev_end], eax
.wait:  hlt
        test byte [posted], 0x80
        jnz .posted
        mov eax, [0x46c]
        sub eax, [prev_end]
        cmp eax, 40
        jb .wait
.posted: mov eax, [0x46c]
        sub eax, [prev_end]
        mov [prev_end], eax
        want8 '83h posted', posted, 0x81
        want_range '83h ticks in half a second', prev_end, 8, 11
        mov byte [posted], 0
        mov ax, 0x8300
        mov cx, 200000 >> 16
        mov dx, 200000 & 0xffff
        mov bx, posted
        svc 0x15
        want_cf '83h again CF', 0
        mov ax, 0x8301
        svc 0x15
        want_cf '83h cancel CF', 0
        mov ah, 0x86
        mov cx, 400000 >> 16
        mov dx, 400000 & 0xffff
        svc 0x15
        want_cf '86h after cancel CF', 0
        want8 '83h cancelled is not posted', posted, 0
        mov ah, 0xc0
        svc 0x15
        want_cf 'C0h CF', 0
        mov ax, [r_es]
        mov es, ax
        mov bx, [r_bx]
        mov eax, [es:bx]
        mov [prev_end], eax
        xor ax, ax
        mov es, ax
        want_range 'C0h length', prev_end, 0x00fc0008, 0xfffffffe
        want_bits 'C0h model', prev_end + 2, 0xff, 0xfc
        mov ah, 0xc1
        svc 0x15
        want_cf 'C1h CF', 0
        mov ax, [r_es]
        mov [prev_end], ax
        mov ax, [0x40e]
        sub ax, [prev_end]
        mov [prev_end], ax
        want16 'C1h against 40:0E', prev_end, 0
        mov ax, 0x4f1e
        stc
        svc 0x15
        want_cf '4Fh CF', 1
        want8 '4Fh AL', r_al, 0x1e
        mov ax, 0xc205
        mov bh, 3
        svc 0x15
        want_cf 'C205h CF', 0
        mov ax, 0xc201
        svc 0x15
        want_cf 'C201h CF', 0
        want16 'C201h BX', r_bx, 0x00aa
        mov ax, 0xc204
        svc 0x15
        want_cf 'C204h CF', 0
        want8 'C204h BH', r_bh, 0
        mov ax, 0xc2ff
        svc 0x15
        want_cf 'C2FFh CF', 1
        mov ah, 0x77
        svc 0x15
        want_cf 'bad function CF', 1
        want8 'bad function AH', r_ah, 0x86
        done
        align 4
posted: db 1, 0, 0, 0
prev_end: dd 0
flag:   db 0
entries: dw 0
above:  dw 0
        dw 0
gdt:    times 16 db 0
        dw 0xffff
        dd 0
        dw 0
        dw 0xffff
        dd 0
        dw 0
        times 16 db 0
        times 512 * SECTORS - ($ - $$) db 0
