/* SPDX-License-Identifier: MIT */
/*
 * The option ROM that starts a kernel given on the command line: a boot device for any BIOS that knows the Plug and Play BIOS's
 * expansion header (Plug and Play BIOS Specification 1.0A, 3.2; BIOS Boot Specification 1.01). hw/linux_boot.c and
 * hw/multiboot.c lay the parts out, as items of the fw_cfg device; this fetches them by its DMA and enters the kernel: Linux
 * in its real-mode setup, Multiboot in flat protected mode.
 *
 * A Multiboot kernel may lie anywhere but on its information: it is fetched last, from a stack at the information's end, when
 * the BIOS is no longer needed.
 */
    .code16

#define FW_SELECT 0x510
#define FW_DMA 0x514

#define FW_KERNEL_ADDR 0x07
#define FW_KERNEL_SIZE 0x08
#define FW_INITRD_ADDR 0x0a
#define FW_INITRD_SIZE 0x0b
#define FW_KERNEL_ENTRY 0x10
#define FW_KERNEL_DATA 0x11
#define FW_INITRD_DATA 0x12
#define FW_CMDLINE_ADDR 0x13
#define FW_CMDLINE_SIZE 0x14
#define FW_CMDLINE_DATA 0x15
#define FW_SETUP_ADDR 0x16
#define FW_SETUP_SIZE 0x17
#define FW_SETUP_DATA 0x18

/* The multiboot information. */
#define MBI_MEM_LOWER 4
#define MBI_MEM_UPPER 8
#define MBI_MMAP_LENGTH 44
#define MBI_MMAP_ADDR 48
#define MBI_STACK 512 /* bytes at its end, as hw/multiboot.c leaves them */
#define MMAP_ENTRIES 32
#define SMAP 0x534d4150

    .text
    .globl rom_header
rom_header:
    .byte 0x55, 0xaa, 2
    jmp init
    .org 0x1a, 0
    .word pnp_header

pnp_header:
    .ascii "$PnP"
    .byte 1, 2              /* revision, length in units of 16 */
    .word 0                 /* no other header */
    .byte 0, PNP_CHECKSUM   /* the linker script works it out */
    .long 0                 /* device identifier */
    .word 0, product        /* manufacturer, product */
    .byte 2, 0, 0           /* class: network, the nearest that boots without a disk */
    .byte 0x14              /* may be shadowed, IPL device */
    .word 0, 0, boot, 0, 0  /* BCV, disconnect, BEV */
    .globl product, boot
product:
    .asciz "Gnomon -kernel"

init:
    mov $0x20, %ax          /* an IPL device is attached */
    lret

starting:
    .asciz "Starting the kernel\r\n"

/* eax = the number that the item ax holds; changes cx, dx. */
item:
    mov $FW_SELECT, %dx
    out %ax, %dx
    inc %dx
    mov $4, %cx
1:  in %dx, %al
    rorl $8, %eax
    loop 1b
    ret

/* eax with its bytes the other way round */
swap:
    rolw $8, %ax
    roll $16, %eax
    rolw $8, %ax
    ret

/* Item si to where item di says, as many bytes as item bx says; changes eax, cx, edx, ebp. The request is on the stack. */
fetch:
    mov %bx, %ax
    call item
    testl %eax, %eax
    jz 2f
    call swap
    movl %eax, %ebp
    mov %di, %ax
    call item
    call swap
    pushl %eax
    pushl $0
    pushl %ebp
    mov %si, %ax
    shll $16, %eax
    mov $0x000a, %ax        /* select and read */
    call swap
    pushl %eax
    mov %sp, %bp
    xorl %eax, %eax
    movl %eax, %edx
    mov $FW_DMA, %dx
    outl %eax, %dx
    mov %ss, %ax
    shll $4, %eax
    movzwl %sp, %ecx
    addl %ecx, %eax
    call swap
    add $4, %dx
    outl %eax, %dx
1:  movl (%bp), %eax
    andl $0xfeffffff, %eax  /* the error bit, big-endian */
    jnz 1b
    add $16, %sp
2:  ret

    .macro fetch_item data, address, size
    mov $\data, %si
    mov $\address, %di
    mov $\size, %bx
    call fetch
    .endm

/* The boot entry vector. It returns if there is nothing to start. */
boot:
    cld
    mov $FW_KERNEL_SIZE, %ax
    call item
    testl %eax, %eax
    jnz 1f
    lret
1:  mov $starting, %si
1:  movb %cs:(%si), %al
    inc %si
    test %al, %al
    jz 2f
    mov $0x0e, %ah
    mov $7, %bx
    push %si
    int $0x10
    pop %si
    jmp 1b
2:  in $0x92, %al           /* A20; bit 0 resets the CPU when it rises, so it is not cleared for nothing */
    test $0x02, %al
    jnz 1f
    or $0x02, %al
    and $0xfe, %al
    out %al, $0x92
1:
    mov $FW_SETUP_SIZE, %ax
    call item
    testl %eax, %eax
    jz multiboot

/* Linux, Documentation/arch/x86/boot.rst: real mode, all segments at the setup, the entry 20h paragraphs on. */
    fetch_item FW_KERNEL_DATA, FW_KERNEL_ADDR, FW_KERNEL_SIZE
    fetch_item FW_INITRD_DATA, FW_INITRD_ADDR, FW_INITRD_SIZE
    fetch_item FW_CMDLINE_DATA, FW_CMDLINE_ADDR, FW_CMDLINE_SIZE
    fetch_item FW_SETUP_DATA, FW_SETUP_ADDR, FW_SETUP_SIZE
    mov $FW_SETUP_ADDR, %ax
    call item
    movl %eax, %ebx
    mov $FW_CMDLINE_ADDR, %ax
    call item
    subl %ebx, %eax
    shrl $4, %ebx
    cli
    mov %bx, %ss
    movzwl %ax, %esp
    sub $16, %sp            /* below the command line */
    mov %bx, %ds
    mov %bx, %es
    mov %bx, %fs
    mov %bx, %gs
    add $0x20, %bx
    push %bx
    pushw $0
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    lret

multiboot:
    fetch_item FW_INITRD_DATA, FW_INITRD_ADDR, FW_INITRD_SIZE
    mov $FW_INITRD_ADDR, %ax
    call item
    movl %eax, %edi         /* linear, to the end */
    shrl $4, %eax
    mov %ax, %ds
    mov %ax, %es

/* What the BIOS says of memory. The buffer is within 64 KiB of the information. */
    int $0x12
    movzwl %ax, %eax
    movl %eax, MBI_MEM_LOWER
    xor %cx, %cx
    xor %dx, %dx
    mov $0xe801, %ax
    pushl %edi
    int $0x15
    popl %edi
    jc 2f
    test %cx, %cx
    jnz 1f
    test %dx, %dx
    jnz 1f
    mov %ax, %cx            /* some BIOSes tell it in AX and BX alone */
    mov %bx, %dx
1:  movzwl %dx, %eax
    shll $6, %eax
    movzwl %cx, %ecx
    addl %ecx, %eax
    jmp 3f
2:  mov $0x88, %ah
    int $0x15
    movzwl %ax, %eax
3:  movl %eax, MBI_MEM_UPPER

    pushl %edi
    movl MBI_MMAP_ADDR, %eax
    subl %edi, %eax
    mov %ax, %di
    xorl %ebx, %ebx
    mov $MMAP_ENTRIES, %si
1:  movl $20, (%di)
    add $4, %di
    movl $0xe820, %eax
    movl $20, %ecx
    movl $SMAP, %edx
    push %si
    int $0x15
    pop %si
    jc 2f
    cmpl $SMAP, %eax
    jne 2f
    add $20, %di
    addl $24, MBI_MMAP_LENGTH
    dec %si
    jz 2f
    testl %ebx, %ebx
    jnz 1b
2:  popl %edi

/* From here on nothing of the BIOS is needed, and all but the information may be overwritten. */
    cli
    mov $FW_INITRD_SIZE, %ax
    call item
    addl %edi, %eax
    subl $MBI_STACK, %eax
    shrl $4, %eax
    mov %ax, %ss
    movl $MBI_STACK - 16, %esp
    pushl %edi
    fetch_item FW_KERNEL_DATA, FW_KERNEL_ADDR, FW_KERNEL_SIZE
    mov $FW_KERNEL_ENTRY, %ax
    call item
    popl %ebx
    pushl %eax

    xorl %eax, %eax
    mov %cs, %ax
    shll $4, %eax
    leal flat(%eax), %ecx
    addl $gdt, %eax
    pushl %eax
    pushw $23
    mov %sp, %bp
    lgdtl (%bp)
    add $6, %sp
    popl %ebp
    pushl $8
    pushl %ecx
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    lretl
    .code32
flat:
    movl $0x10, %eax
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

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
