/* SPDX-License-Identifier: MIT */
/*
 * The option ROM's header, its entry from POST, INT 10h, and the protected-mode code of VBE 4F0Ah.
 *
 * C runs with DS = SS = the caller's stack, FS = this ROM for constants; GS is loaded for each far access.
 */
    .code16
    .section .header, "ax"
    .globl rom_header
rom_header:
    .byte 0x55, 0xaa, 64
    jmp init
    .org 0x18
    .word pcir
    .org 0x1e
    .ascii "IBM"            /* looked for at 1Eh by old programs that ask for a VGA or EGA */
    .byte 0
    .asciz "Gnomon VGA BIOS"
    .balign 4
pcir:                       /* PCI Local Bus Specification 2.1, 6.3.1.2: for whom it is */
    .ascii "PCIR"
    .word 0x1234, 0x1111, 0, 0x18
    .byte 0, 0, 0, 3        /* revision; class: VGA */
    .word 64, 0
    .byte 0, 0x80           /* PC code; the last image */
    .word 0

    .macro enter_c
    cld
    pushal
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    movw %cs, %ax
    movw %ax, %fs
    movw %ss, %ax
    movw %ax, %ds
    movw %ax, %es
    movl %esp, %eax
    movzwl %sp, %esp
    pushl %eax              /* the upper half of ESP is the caller's */
    leal 4(%esp), %eax
    .endm

    .macro leave_c
    popl %esp
    popw %gs
    popw %fs
    popw %es
    popw %ds
    popal
    .endm

    .text
init:
    enter_c
    calll vgabios_init
    leave_c
    lret

    .globl int10_entry
int10_entry:
    sti
    enter_c
    calll int10
    leave_c
    iret

    /* 4F05h as a far call: BH 0 sets the bank DX, BH 1 gets it */
    .globl vbe_window_far
vbe_window_far:
    pushw %ax
    pushw %dx
    movw $0x1ce, %dx
    movw $5, %ax
    outw %ax, %dx
    popw %ax
    incw %dx
    testb %bh, %bh
    jnz 1f
    outw %ax, %dx
1:  inw %dx, %ax
    movw %ax, %dx
    popw %ax
    lret

    /*
     * 4F0Ah: offsets of position-independent 32-bit code for window, display start and palette.
     */
    .globl vbe_pm_table, vbe_pm_end
vbe_pm_table:
    .word pm_window - vbe_pm_table
    .word pm_start - vbe_pm_table
    .word pm_palette - vbe_pm_table
    .word pm_ports - vbe_pm_table
pm_ports:
    .word 0x1ce, 0x1cf, 0x3c6, 0x3c7, 0x3c8, 0x3c9, 0x3da, 0xffff, 0xffff
    .code32
pm_window:                      /* BH 0 set: DX bank, BL window A */
    pushl %eax
    pushl %ecx
    pushl %edx
    movl %edx, %ecx
    movw $0x1ce, %dx
    movw $5, %ax
    outw %ax, %dx
    movl %ecx, %eax
    incl %edx
    outw %ax, %dx
    popl %edx
    popl %ecx
    popl %eax
    movw $0x004f, %ax
    ret
pm_start:                       /* DX:CX: start in units of four bytes */
    pushal
    movzwl %cx, %ecx
    shll $16, %edx
    orl %edx, %ecx
    shll $2, %ecx               /* bytes */
    movw $0x1ce, %dx            /* bytes per pixel from the depth */
    movw $3, %ax
    outw %ax, %dx
    incl %edx
    inw %dx, %ax
    addw $7, %ax
    shrw $3, %ax
    movzwl %ax, %ebx
    decl %edx
    movw $6, %ax                /* virtual width */
    outw %ax, %dx
    incl %edx
    inw %dx, %ax
    movzwl %ax, %eax
    imull %eax, %ebx            /* bytes per line (not for 4 bits) */
    movl %eax, %esi
    orl %ebx, %ebx
    jz 1f
    movl %ecx, %eax
    xorl %edx, %edx
    divl %ebx                   /* eax line, edx byte in it */
    movl %eax, %edi
    movl %edx, %eax
    imull %esi, %eax
    xorl %edx, %edx
    divl %ebx                   /* pixel */
    movl %eax, %ecx
    movw $0x1ce, %dx
    movw $8, %ax
    outw %ax, %dx
    incl %edx
    movl %ecx, %eax
    outw %ax, %dx
    decl %edx
    movw $9, %ax
    outw %ax, %dx
    incl %edx
    movl %edi, %eax
    outw %ax, %dx
1:  popal
    movw $0x004f, %ax
    ret
pm_palette:                     /* CX entries from DX at ES:EDI: blue, green, red, pad */
    pushal
    movw %dx, %ax
    movw $0x3c8, %dx
    outb %al, %dx
    incl %edx
    jecxz 2f
    movzwl %cx, %ecx
1:  movb %es:2(%edi), %al
    outb %al, %dx
    movb %es:1(%edi), %al
    outb %al, %dx
    movb %es:(%edi), %al
    outb %al, %dx
    addl $4, %edi
    loop 1b
2:  popal
    movw $0x004f, %ax
    ret
vbe_pm_end:
    .code16
