/* SPDX-License-Identifier: MIT */
/*
 * What 32-bit programs find by scanning F0000h-FFFFFh: the BIOS32 service directory (Standard BIOS 32-bit Service Directory
 * Proposal 0.4) with the PCI BIOS behind it, and the interrupt routing table (PCI IRQ Routing Table Specification 1.0). At
 * FD800h; the checksums belong to these bytes.
 */
#include "pci32.h"

    .section .pci32, "ax"
    .code32
    .ascii "_32_"
    .long 0xf0000 + BIOS32_ENTRY
    .byte 0, 1, 0x25, 0, 0, 0, 0, 0

    .balign 16, 0
    .ascii "$PIR"
    .word 0x0100, 32 + 8 * 16
    .byte 0, 1 << 3 /* the router: PIIX3 */
    .word 0         /* no line is PCI's alone */
    .long 0x70008086, 0
    .fill 11, 1, 0
    .byte 0xad
    .globl pir_slots, pir_slots_end
pir_slots:
/* bus, device; for INTA#-INTD# the PIRQRC register and the lines it can be routed to; slot; unused */
    .macro slot device, a, b, c, d, number
    .byte 0, \device << 3
    .irp link, \a, \b, \c, \d
    .byte 0x60 + \link
    .word 0xdef8
    .endr
    .byte \number, 0
    .endm
    slot 1, 0, 1, 2, 3, 0
    slot 2, 1, 2, 3, 0, 0
    slot 3, 2, 3, 0, 1, 1
    slot 4, 3, 0, 1, 2, 2
    slot 5, 0, 1, 2, 3, 3
    slot 6, 1, 2, 3, 0, 4
    slot 7, 2, 3, 0, 1, 5
    slot 8, 3, 0, 1, 2, 6
pir_slots_end:

/* Called far: EAX names a service, BL is 0. Gives base, length and entry of PCI's. */
    .org BIOS32_ENTRY - PCI32_BASE, 0
    cmp $0x49435024, %eax /* "$PCI" */
    mov $0x80, %al
    jne 1f
    mov $0xf0000, %ebx
    mov $0x10000, %ecx
    mov $PCI_ENTRY_32, %edx
    mov $0, %al
1:  test %bl, %bl
    jz 2f
    mov $0x81, %al
2:  lret

/* Called far, registers as for INT 1Ah. ESI, EDI, EBP, DS and ES stay. */
    .org PCI_ENTRY_32 - PCI32_BASE, 0
    pushf
    cli
    push %esi
    push %edi
    push %ebp
    call service
    pop %ebp
    pop %edi
    pop %esi
    popf
    cmp $1, %ah /* CF: the status is not 0 */
    cmc
    lret

service:
    mov %eax, %ebp
    and $0x7f, %ebp
    cmp $1, %ebp
    je present
    cmp $2, %ebp
    je find_device
    cmp $3, %ebp
    je find_class
    sub $8, %ebp
    cmp $6, %ebp
    jb access
not_supported:
    mov $0x81, %ah
    ret

present:
    mov $0x20494350, %edx /* "PCI " */
    mov $0x0210, %bx
    mov $0, %cl
    mov $0x0001, %ax
    ret

/* EAX: configuration dword ECX of function EAX. Changes EDX. */
config_read:
    shl $8, %eax
    lea 0x80000000(%eax, %ecx), %eax
    mov $0xcf8, %edx
    out %eax, %dx
    mov $0xfc, %dl
    in %dx, %eax
    ret

find_device:
    mov %ecx, %edi
    shl $16, %edi
    mov %dx, %di
    cmp $0xffff, %dx
    mov $0x83, %ah
    je 9f
    xor %ebp, %ebp
    jmp find
find_class:
    mov %ecx, %edi
    and $0xffffff, %edi
    mov $8, %ebp
/* EDI is wanted in register EBP (8: without the revision); SI counts down. */
find:
    push %eax
    push %ecx
    push %edx
    movzwl %si, %esi
    xor %ebx, %ebx
1:  test $7, %bl
    jz 2f
    mov %ebx, %eax
    and $~7, %eax
    mov $0x0c, %ecx
    call config_read
    test $0x800000, %eax /* a device of one function */
    jz 4f
2:  mov %ebx, %eax
    mov %ebp, %ecx
    call config_read
    mov %ebp, %ecx
    shr %cl, %eax
    cmp %edi, %eax
    jne 4f
    dec %esi
    js 5f
4:  inc %ebx
    cmp $256, %ebx
    jb 1b
5:  pop %edx
    pop %ecx
    pop %eax
    mov $0x86, %ah
    cmp $256, %ebx
    je 9f
    mov $0, %ah
9:  ret

/* EBP: 0-2 read a byte, a word, a dword; 3-5 write. BX: the function, DI: the register. */
access:
    test $0xff00, %edi
    jnz 8f
    test %bh, %bh
    jnz not_supported
    push %eax
    push %edx
    movzbl %bl, %eax
    shl $8, %eax
    mov %di, %ax
    mov %bl, %ah
    and $0xfffc, %eax
    or $0x80000000, %eax
    mov $0xcf8, %edx
    out %eax, %dx
    mov %edi, %edx
    and $3, %edx
    add $0xcfc, %edx
    dec %ebp
    js read8
    jz read16
    dec %ebp
    jz read32
    dec %ebp
    jz write8
    dec %ebp
    jz write16
    test $3, %dl
    jnz 7f
    mov %ecx, %eax
    out %eax, %dx
    jmp 6f
read8:
    in %dx, %al
    mov %al, %cl
    jmp 6f
read16:
    test $1, %dl
    jnz 7f
    in %dx, %ax
    mov %ax, %cx
    jmp 6f
read32:
    test $3, %dl
    jnz 7f
    in %dx, %eax
    mov %eax, %ecx
    jmp 6f
write8:
    mov %cl, %al
    out %al, %dx
    jmp 6f
write16:
    test $1, %dl
    jnz 7f
    mov %cx, %ax
    out %ax, %dx
6:  pop %edx
    pop %eax
    mov $0, %ah
    ret
7:  pop %edx
    pop %eax
8:  mov $0x87, %ah
    ret
