/* SPDX-License-Identifier: MIT */
/*
 * The option ROM that starts a kernel given on the command line: its header, where the BIOS enters it to boot, and the
 * ways into a kernel. (Plug and Play BIOS Specification 1.0a, 3.0: expansion headers, bootstrap entry vector.)
 *
 * C runs with DS = ES = SS = 0, so that a variable's offset is its address.
 */
    .code16
    .section .header, "ax"
    .globl rom_header
rom_header:
    .byte 0x55, 0xaa, 4
    xorw %ax, %ax           /* nothing to set up */
    lret
    .org 0x1a
    .word 0x20
    .org 0x20
    .ascii "$PnP"
    .byte 1, 2              /* revision; length, in 16 bytes */
    .word 0                 /* the next header */
    .byte 0
    .byte 0x43              /* makes all 32 bytes add up to 0 */
    .long 0                 /* device */
    .word 0, 0x48           /* names of maker and product */
    .byte 0, 0, 0           /* class */
    .byte 0                 /* indicators */
    .word 0, 0, 0x40, 0, 0  /* BCV, disconnect, BEV, reserved, resources */
    .org 0x40
    jmp boot
    .org 0x48
product:
    .asciz "Gnomon kernel (-kernel)"
starting:
    .asciz "Starting the kernel\r\n"

    .text
boot:
    cli
    xorw %ax, %ax
    movw %ax, %ss
    movw %ax, %ds
    movw %ax, %es
    movl $0x7c00, %esp
    sti
    cld
    movw $starting, %si
1:  cs lodsb
    testb %al, %al
    jz 2f
    movb $0x0e, %ah
    movw $7, %bx
    int $0x10
    jmp 1b
2:  movw $0x2401, %ax       /* A20 */
    int $0x15
    calll kernel_start

/* void enter_multiboot(uint32_t entry, uint32_t info): 32-bit flat, paging off, A20 on (Multiboot 0.6.96, 3.2). */
    .globl enter_multiboot
enter_multiboot:
    cli
    movl %eax, %ebp
    movl %edx, %ebx
    xorl %ecx, %ecx         /* the segment's base, into pointer and jump */
    movw %cs, %cx
    shll $4, %ecx
    leal gdt(%ecx), %eax
    pushl %eax
    pushw $23
    movw %sp, %si
    lgdtl (%si)
    addl $1f, %ecx
    pushl $8
    pushl %ecx
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    lretl
    .code32
1:  movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    movl $0x2badb002, %eax
    jmp *%ebp
    .code16
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff

/* void enter_linux(uint32_t setup_seg, uint32_t sp): real-mode entry of a bzImage's setup (Linux x86 boot protocol). */
    .globl enter_linux
enter_linux:
    cli
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %fs
    mov %ax, %gs
    mov %ax, %ss
    movzwl %dx, %esp
    add $0x20, %ax
    push %ax
    pushw $0
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    lret
