/* SPDX-License-Identifier: MIT */
/*
 * The boot sector: loads the kernel from behind itself to 10000h by INT 13h/42h, asks the BIOS for the memory size, and goes to flat
 * protected mode.
 */
    .code16
    .section .boot, "ax"
    .globl boot_sector
boot_sector:
    ljmp $0, $1f
1:  cli
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    sti
    cld
    mov %dl, drive
    mov $kernel_sectors, %di
load:
    mov $32, %ax
    cmp %ax, %di
    jae 2f
    mov %di, %ax
2:  mov %ax, packet + 2
    push %ax
    mov $packet, %si
    mov drive, %dl
    mov $0x42, %ah
    int $0x13
    jc failed
    pop %ax
    sub %ax, %di
    movzwl %ax, %eax
    addl %eax, packet + 8
    shl $5, %ax
    add %ax, packet + 6
    test %di, %di
    jnz load

    /* Memory above 1 MiB in KiB: E801h, else 88h. */
    mov $0xe801, %ax
    xor %bx, %bx
    int $0x15
    jc 3f
    movzwl %ax, %eax
    movzwl %bx, %ebx
    shll $6, %ebx
    addl %ebx, %eax
    jmp 4f
3:  mov $0x88, %ah
    int $0x15
    movzwl %ax, %eax
4:  movl %eax, 0x500
    mov $0x2401, %ax
    int $0x15
    in $0x92, %al
    or $2, %al
    and $0xfe, %al
    out %al, $0x92
    cli
    lgdtl gdt_pointer
    movl %cr0, %eax
    or $1, %al
    movl %eax, %cr0
    ljmpl $8, $flat
    .code32
flat:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    movl $0x80000, %esp
    movl $0x10000, %eax
    jmp *%eax
    .code16
failed:
    mov $message, %si
5:  lodsb
    test %al, %al
    jz 6f
    mov $0x0e, %ah
    mov $7, %bx
    int $0x10
    jmp 5b
6:  hlt
    jmp 6b
message:
    .asciz "The disk cannot be read."
drive:
    .byte 0
    .balign 4
packet:
    .byte 16, 0
    .word 0
    .word 0, 0x1000
    .long 1, 0
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
gdt_pointer:
    .word 23
    .long gdt
    .org 510
    .word 0xaa55
