; APM 1.2 by its three interfaces: INT 15h, the 16-bit entry and the 32-bit entry. Each is asked the same things. The entries are
; called with nothing to use but what the caller must give: descriptors of 16-bit code and data one behind the other, the code
; unreadable; DS and ES of one byte, FS and GS null. Without a failure the 32-bit entry switches the machine off: status 0.
%define LAST power_off
%include "check.inc"

; apm AX, BX, CX: by the interface under test
%macro apm 3
        mov ax, %1
        mov bx, %2
        mov cx, %3
        call [interface]
%endmacro
%macro want_error 2
        want_cf %1, 1
        want8 %1, r_ah, %2
%endmacro
%macro want_established 1
        movzx eax, byte [r_ah]
        movzx edx, byte [established]
        call check_eq
        db %1, 0
%endmacro

        mov ax, 0x5306
        svc 0x15
        want_error 'no interface: 5306h', 0x03
        mov ax, 0x5304
        xor bx, bx
        svc 0x15
        want_error 'no interface: 5304h', 0x03
        mov ax, 0x5307
        mov bx, 1
        mov cx, 3
        svc 0x15
        want_error 'no interface: 5307h', 0x03

        ; INT 15h
        mov word [interface], by_interrupt
        apm 0x5301, 1, 0
        want_error '5301h of a device', 0x09
        apm 0x5301, 0, 0
        want_cf '5301h CF', 0
        mov byte [established], 0x02
        mov eax, [0x46c]
        mov [ticks], eax
        apm 0x5305, 0, 0
        want_cf '5305h CF', 0
        mov eax, [0x46c]
        sub eax, [ticks]
        mov [ticks], eax
        want32 '5305h waits for a tick', ticks, 1
        call functions
        mov si, by_interrupt_text
        call tell

        ; 16-bit protected mode
        mov word [interface], by_interrupt
        apm 0x5302, 1, 0
        want_error '5302h of a device', 0x09
        mov esi, -1
        mov edi, -1
        apm 0x5302, 0, 0
        want_cf '5302h CF', 0
        want16 '5302h AX: code', r_ax, 0xf000
        want16 '5302h CX: data', r_cx, 0x0040
        want16 '5302h SI: code length', r_si, 0xfff0
        want16 '5302h DI: data length', r_edi, 0x0100
        mov ax, [r_bx]
        mov [entry_16], ax
        mov di, gdt + 0x30
        mov ax, [r_ax]
        mov cx, [r_si]
        mov dx, 0x0098
        call descriptor
        mov ax, [r_cx]
        mov cx, [r_edi]
        mov dx, 0x0092
        call descriptor
        mov byte [established], 0x05
        call connects
        mov word [interface], by_entry_16
        call protected
        mov si, by_entry_16_text
        call tell

        ; 32-bit protected mode
        mov word [interface], by_interrupt
        apm 0x5303, 1, 0
        want_error '5303h of a device', 0x09
        mov esi, -1
        mov edi, -1
        apm 0x5303, 0, 0
        want_cf '5303h CF', 0
        want16 '5303h AX: 32-bit code', r_ax, 0xf000
        want16 '5303h CX: 16-bit code', r_cx, 0xf000
        want16 '5303h DX: data', r_dx, 0x0040
        want_bits '5303h EBX: the entry is in the segment', r_ebx, 0xffff0000, 0
        want32 '5303h ESI: code lengths', r_esi, 0xfff0fff0
        want16 '5303h DI: data length', r_edi, 0x0100
        mov eax, [r_ebx]
        mov [entry_32], eax
        mov di, gdt + 0x40
        mov ax, [r_ax]
        mov cx, [r_si]
        mov dx, 0x4098
        call descriptor
        mov ax, [r_cx]
        mov cx, [r_si + 2]
        mov dx, 0x0098
        call descriptor
        mov ax, [r_dx]
        mov cx, [r_edi]
        mov dx, 0x0092
        call descriptor
        mov byte [established], 0x07
        call connects
        mov word [interface], by_entry_32
        call protected
        mov si, by_entry_32_text
        call tell
        done

; What is left to do when nothing failed. It does not come back.
power_off:
        mov word [interface], by_interrupt
        apm 0x5303, 0, 0
        mov word [interface], by_entry_32
        apm 0x5307, 1, 3
        mov al, 1
        out 0xf4, al

; One interface at a time.
connects:
        apm 0x5301, 0, 0
        want_cf '5301h again CF', 1
        want_established '5301h again'
        apm 0x5302, 0, 0
        want_cf '5302h again CF', 1
        want_established '5302h again'
        apm 0x5303, 0, 0
        want_cf '5303h again CF', 1
        want_established '5303h again'
        ret

; What an entry must do beyond the functions.
protected:
        mov edx, 0x12345678
        mov esi, 0x9abcdef0
        mov edi, 0x0fedcba9
        mov ebp, 0x87654321
        mov word [in_flags], 0x0403
        apm 0x5306, 0, 0x55aa
        want_bits 'DF stays, IF stays off, CF is clear', r_flags, 0x0601, 0x0400
        want16 'AX', r_ax, 0x5306
        want16 'CX', r_cx, 0x55aa
        want32 'EDX', r_edx, 0x12345678
        want32 'ESI', r_esi, 0x9abcdef0
        want32 'EDI', r_edi, 0x0fedcba9
        want32 'EBP', r_ebp, 0x87654321
        want32 'FS and GS', r_fs, 0
        want16 'DS', r_ds, 0x28
        want16 'ES', r_es, 0x28
        mov eax, [esp_before]
        sub eax, [r_esp]
        mov [r_esp], eax
        want32 'ESP', r_esp, 0
        mov dword [ticks], 0
        apm 0x5305, 0, 0
        want_bits '5305h with IF off', r_flags, 0x0601, 0x0400
        want32 '5305h waits for a tick', ticks, 1
        mov word [in_flags], 0x0202
        mov dword [ticks], 0
        apm 0x5305, 0, 0
        want_bits '5305h with IF on', r_flags, 0x0601, 0x0200
        want32 '5305h waits for a tick with IF on', ticks, 1
        mov word [in_flags], 0x0003
        call functions
        apm 0x5306, 0, 0
        want_error '5306h after 5304h', 0x03
        ret

; With a connection, which it ends.
functions:
        apm 0x5300, 0, 0
        want_cf '5300h CF', 0
        want16 '5300h AX', r_ax, 0x0102
        want16 '5300h BX', r_bx, 0x504d
        want16 '5300h CX: 16- and 32-bit entries', r_cx, 0x0003
        apm 0x5300, 1, 0
        want_error '5300h of a device', 0x09
        call connects
        apm 0x530e, 0, 0x0101
        want_cf '530Eh CF', 0
        want16 '530Eh for 1.1', r_ax, 0x0101
        apm 0x530e, 0, 0x0102
        want16 '530Eh for 1.2', r_ax, 0x0102
        apm 0x530e, 0, 0x0200
        want16 '530Eh for 2.0', r_ax, 0x0102
        apm 0x530e, 1, 0x0102
        want_error '530Eh of a device', 0x09
        apm 0x5306, 0, 0
        want_cf '5306h CF', 0
        apm 0x5307, 1, 0
        want_error '5307h ready', 0x0a
        apm 0x5307, 1, 1
        want_error '5307h stand-by', 0x60
        apm 0x5307, 1, 2
        want_error '5307h suspend', 0x60
        apm 0x5307, 1, 4
        want_cf '5307h request processing CF', 0
        apm 0x5307, 1, 5
        want_cf '5307h request rejected CF', 0
        apm 0x5307, 1, 6
        want_error '5307h reserved', 0x0a
        apm 0x5307, 0x01ff, 3
        want_error '5307h displays', 0x09
        apm 0x530a, 1, 0
        want_cf '530Ah CF', 0
        want16 '530Ah BX: on line, battery unknown', r_bx, 0x01ff
        want16 '530Ah CX: no battery', r_cx, 0x80ff
        want16 '530Ah DX', r_dx, 0xffff
        apm 0x530a, 0x8001, 0
        want_error '530Ah battery 1', 0x09
        apm 0x530b, 0, 0
        want_error '530Bh', 0x80
        apm 0x530c, 1, 0xffff
        want_cf '530Ch CF', 0
        want16 '530Ch CX: enabled', r_cx, 0
        apm 0x530c, 0x0200, 0
        want_error '530Ch of a disk', 0x09
        apm 0x530d, 1, 1
        want_cf '530Dh CF', 0
        apm 0x530d, 1, 2
        want_error '530Dh range', 0x0a
        apm 0x530d, 0x0300, 1
        want_error '530Dh of a port', 0x09
        apm 0x5310, 0, 0xffff
        want_cf '5310h CF', 0
        want8 '5310h BL: no battery', r_bl, 0
        want16 '5310h CX', r_cx, 0
        apm 0x5311, 1, 0
        want_error '5311h', 0x0c
        ; disabled
        apm 0x5308, 1, 2
        want_error '5308h range', 0x0a
        apm 0x5308, 2, 1
        want_error '5308h of a device', 0x09
        apm 0x5308, 1, 0
        want_cf '5308h off CF', 0
        apm 0x5300, 0, 0
        want16 '5300h CX: disabled', r_cx, 0x000b
        apm 0x5307, 1, 3
        want_error '5307h disabled', 0x01
        apm 0x530c, 1, 0
        want_error '530Ch disabled', 0x01
        apm 0x530d, 1, 1
        want_error '530Dh disabled', 0x01
        apm 0x530f, 1, 0
        want_error '530Fh disabled', 0x01
        mov dword [ticks], 0
        apm 0x5305, 0, 0
        want_cf '5305h disabled CF', 0
        want32 '5305h disabled does not wait', ticks, 0
        apm 0x5308, 0xffff, 1
        want_cf '5308h on, by the name of 1.0, CF', 0
        apm 0x5300, 0, 0
        want16 '5300h CX: enabled', r_cx, 0x0003
        apm 0x5308, 0xffff, 0
        apm 0x5309, 2, 0
        want_error '5309h of a device', 0x09
        apm 0x5309, 1, 0
        want_cf '5309h CF', 0
        apm 0x5300, 0, 0
        want16 '5300h CX: defaults', r_cx, 0x0003
        ; disengaged
        apm 0x530f, 1, 2
        want_error '530Fh range', 0x0a
        apm 0x530f, 0x0100, 0
        want_error '530Fh of a display', 0x09
        apm 0x530f, 1, 0
        want_cf '530Fh off CF', 0
        apm 0x5300, 0, 0
        want16 '5300h CX: disengaged', r_cx, 0x0013
        apm 0x5305, 0, 0
        want_error '5305h disengaged', 0x0b
        apm 0x5307, 1, 3
        want_error '5307h disengaged', 0x0b
        apm 0x530b, 0, 0
        want_error '530Bh disengaged', 0x0b
        apm 0x530f, 1, 1
        want_cf '530Fh on CF', 0
        apm 0x5304, 1, 0
        want_error '5304h of a device', 0x09
        apm 0x5304, 0, 0
        want_cf '5304h CF', 0
        apm 0x5304, 0, 0
        want_error '5304h again', 0x03
        apm 0x5300, 0, 0
        want16 '5300h CX: disconnected', r_cx, 0x0003
        ret

; SI: the interface that the failures since the last time are of
tell:
        mov ax, [n_failed]
        xchg ax, [failed_before]
        cmp ax, [n_failed]
        je .end
        call say
.end:   ret

by_interrupt:
        int 0x15
        jmp capture

by_entry_16:
        call enter_protected
        mov ss, ax
        or esp, 0x0bad0000      ; the high half of ESP means nothing here
        mov [ss:esp_before], esp
        call load
        call far [cs:entry_16]
        call store
leave_protected:
        mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov eax, cr0
        and al, 0xfe
        mov cr0, eax
        jmp 0:.real
.real:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        movzx esp, word [real_sp]
        lidt [idt_real]
        in al, 0x21
        mov al, [mask]
        out 0x21, al
        sti
        ret

by_entry_32:
        call enter_protected
        jmp dword 0x18:.in
        bits 32
.in:    mov ax, 0x20
        mov ss, ax
        mov esp, 0x30000        ; more than SP holds
        mov [ss:esp_before], esp
        call load_32
        call far [cs:entry_32]
        call store_32
        jmp 0x08:leave_protected
        bits 16

; The flags are those of in_flags after load; the other registers are the test's.
enter_protected:
        mov [in_eax], eax
        cli
        in al, 0x21
        mov [mask], al
        mov al, 0xfe            ; the timer alone
        out 0x21, al
        pop ax
        mov [real_sp], sp
        push ax
        lgdt [gdtr]
        lidt [idtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 0x08:.in
.in:    mov ax, 0x10
        mov ss, ax
        mov ax, 0x28
        mov ds, ax
        mov es, ax
        xor ax, ax
        mov fs, ax
        mov gs, ax
        mov ax, 0x10
        ret

; load_store SUFFIX, SIZE of a push, BYTES of a near return
%macro load_store 3
load%1:
        mov eax, [cs:in_eax]
        push %2 [cs:in_flags]
        popf
        ret
store%1:
        pushf
        mov [ss:r_eax], eax
        pop %2 [ss:r_flags]
        cli
        cld
        mov [ss:r_ebx], ebx
        mov [ss:r_ecx], ecx
        mov [ss:r_edx], edx
        mov [ss:r_esi], esi
        mov [ss:r_edi], edi
        mov [ss:r_ebp], ebp
        mov [ss:r_esp], esp
        add dword [ss:r_esp], %3
        mov [ss:r_ds], ds
        mov [ss:r_es], es
        mov [ss:r_fs], fs
        mov [ss:r_fs + 2], gs
        ret
%endmacro
        load_store , word, 2
        bits 32
        load_store _32, dword, 4
tick:   inc dword [ss:ticks]
        push eax
        mov al, 0x20
        out 0x20, al
        pop eax
        iret
        bits 16

; At DI, which moves on: segment AX, length CX, flags and type DX
descriptor:
        dec cx
        mov [di], cx
        movzx eax, ax
        shl eax, 4
        mov [di + 2], eax
        mov [di + 5], dl
        mov [di + 6], dh
        mov byte [di + 7], 0
        add di, 8
        ret

by_interrupt_text: db 'FAIL these are by INT 15h', 10, 0
by_entry_16_text: db 'FAIL these are by the 16-bit entry', 10, 0
by_entry_32_text: db 'FAIL these are by the 32-bit entry', 10, 0
failed_before: dw 0
interface: dw 0
established: db 0
mask:   db 0
        align 8
gdt:    dq 0
        dq 0x00009a000000ffff   ; 08: code
        dq 0x000092000000ffff   ; 10: data
        dq 0x00409a000000ffff   ; 18: 32-bit code
        dq 0x00cf92000000ffff   ; 20: 4 GiB, 32-bit stack
        dq 0x0000920000000000   ; 28: one byte
        dq 0, 0                 ; 30: APM, 16-bit
        dq 0, 0, 0              ; 40: APM, 32-bit
gdt_end:
idt:    times 8 dq 0
        dw tick, 0x18, 0x8e00, 0
idt_end:
gdtr:   dw gdt_end - gdt - 1
        dd gdt
idtr:   dw idt_end - idt - 1
        dd idt
idt_real: dw 0x3ff
        dd 0
entry_16: dw 0, 0x30
entry_32: dd 0
        dw 0x40
        align 4
in_eax: dd 0
in_flags: dd 2
real_sp: dd 0
ticks:  dd 0
esp_before: dd 0
r_fs:   dd 0
        times 512 * SECTORS - ($ - $$) db 0
