; #GP while #PF is delivered is #DF; #PF while #GP is delivered is #PF.
; expect: #DF(0000) at=first
; expect: #PF(0000) at=second cr2=00300000
; qemu: SDM 3A 5.4.1: a null segment cannot be used
; qemu expect: #DF(0000) at=first
; qemu expect: no fault
%include "prelude.inc"
start:
    paging
    pte 0x30000, 0
    pte 0x300000, 0
    flush
    mov byte [idt_entry(14) + 5], 0x80
    fault first, mov eax, [0x30000]
    mov byte [idt_entry(14) + 5], 0x8e
    desc S1, 0x300000, 0xfff, 0x9a
    xor eax, eax
    mov fs, eax
    mov word [0x31000], 0x1fff
    mov dword [0x31002], 0x300000 - 0x1000
    mov esi, gdt
    mov edi, 0x2ff000
    mov ecx, 64
    rep movsd
    lgdt [0x31000]
    gate idt_entry(13), 0x1000, start, 0x8e
    fault second, mov al, [fs:0]
    done
