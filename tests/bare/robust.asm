; Services called with DF set, IF clear, the upper half of ESP set and SP odd: they work, and give all of it back.
%include "check.inc"
; odd N: the call in that state
%macro odd 2
        mov esp, 0xdead6ff1
        std
        cli
        int %1
        call capture
        mov esp, 0x7c00
        want32 {%2, " ESP"}, r_esp, 0xdead6ff1
        want_bits {%2, " DF"}, r_flags, 0x400, 0x400
%endmacro
        mov ax, 0x0201
        mov bx, 0x2000
        mov cx, 1
        mov dx, 0
        odd 0x13, 'INT 13h AH=02h'
        want_cf 'read CF', 0
        want16 'read signature', 0x21fe, 0xaa55
        mov ax, 0x0e2e
        mov bx, 7
        odd 0x10, 'INT 10h'
        mov ah, 3
        mov bh, 0
        mov esi, 0x12345678
        mov edi, 0x9abcdef0
        mov ebp, 0x55aa1234
        odd 0x10, 'INT 10h'
        want32 'ESI kept', r_esi, 0x12345678
        want32 'EDI kept', r_edi, 0x9abcdef0
        want32 'EBP kept', r_ebp, 0x55aa1234
        mov ah, 0x88
        odd 0x15, 'INT 15h'
        want_cf '88h CF', 0
        mov ah, 1
        odd 0x16, 'INT 16h AH=01h'
        want_bits '01h ZF', r_flags, 0x40, 0x40
        mov ah, 2
        odd 0x1a, 'INT 1Ah AH=02h'
        want_cf '02h CF', 0
        mov eax, 0xe820
        mov edx, 0x534d4150
        mov ecx, 20
        xor ebx, ebx
        mov di, 0x2000
        odd 0x15, 'INT 15h'
        want_cf 'E820h CF', 0
        want32 'E820h base', 0x2000, 0
        ; 86h with interrupts off still ends
        mov ah, 0x86
        mov cx, 1
        mov dx, 0
        odd 0x15, 'INT 15h'
        want_cf '86h CF', 0
        ; IRQ 0 with DF set and a stack like that
        mov esp, 0xdead6ff1
        std
        sti
        mov eax, [0x46c]
.wait:  hlt
        cmp eax, [0x46c]
        je .wait
        call capture
        mov esp, 0x7c00
        want32 'ESP of IRQ 0', r_esp, 0xdead6ff1
        want_bits 'DF of IRQ 0', r_flags, 0x400, 0x400
        done
        times 512 * SECTORS - ($ - $$) db 0
