/* SPDX-License-Identifier: MIT */
/*
 * Where the CPU enters the BIOS: reset, interrupts, and the fixed addresses of the AT's ROM that old software calls or reads
 * (IBM PC AT Technical Reference, BIOS listing).
 *
 * C code runs on a private stack in the EBDA with DS = ES = SS = EBDA, FS = 40h (BIOS data area), GS = F000h (this ROM). The
 * stack pointer to start from is the word EBDA_SP; code that lets interrupts in lowers it first, so that nested calls do not
 * overwrite what is in use. An interrupt that comes while SS is the EBDA goes on below the current stack pointer. An interrupt
 * handler of the system may push a few words there, change to a stack of its own and then call this BIOS (FreeDOS does for every
 * hardware interrupt): HOOK_ROOM bytes below EBDA_SP are left to it.
 */
    .code16

#define EBDA_SP 0x60
#define SAVED_FLAGS 0x62
#define SAVED_DS 0x64
#define BDA_EBDA 0x0e
#define BDA_KBD_HEAD 0x1a
#define BDA_KBD_TAIL 0x1c
#define STACK_TOP 0x800
/* What a program that hooked an interrupt may have put on our stack before it calls us again. */
#define HOOK_ROOM 80
#define EBDA_SEG 0x9f80

/* Offsets in struct regs (bios.h). */
#define R_EBX 16
#define R_EAX 28
#define R_DS 32
#define R_ES 34
#define R_FLAGS 44
#define R_ESP 46
#define R_SS 50
/* On the caller's stack after `enter` has pushed its four. */
#define C_ES 0
#define C_DS 2
#define C_EBX 4
#define C_EAX 8
#define C_HANDLER 12
#define C_IP 16
#define C_CS 18
#define C_FLAGS 20

    .section .text.entry, "ax"

enter:
    cli
    cld
    pushl %eax
    pushl %ebx
    push %ds
    push %es
    mov $0x40, %ax
    mov %ax, %ds
    mov BDA_EBDA, %ds
    mov %ss, %ax
    mov %ax, %es
    mov %ds, %bx
    cmp %bx, %ax
    movl %esp, %eax
    movzwl %sp, %ebx
    je 1f
    push %ds
    pop %ss
    movzwl EBDA_SP, %esp
    jmp 2f
1:  movl %ebx, %esp
2:  push %es
    pushl %eax
    pushw %es:C_FLAGS(%ebx)
    pushw %es:C_CS(%ebx)
    pushw %es:C_IP(%ebx)
    push %gs
    push %fs
    pushw %es:C_ES(%ebx)
    pushw %es:C_DS(%ebx)
    pushl %es:C_EAX(%ebx)
    pushl %ecx
    pushl %edx
    pushl %es:C_EBX(%ebx)
    pushl %es:C_HANDLER(%ebx)
    pushl %ebp
    pushl %esi
    pushl %edi
    mov %ds, %ax
    mov %ax, %es
    mov $0x40, %ax
    mov %ax, %fs
    mov %cs, %ax
    mov %ax, %gs
    movl %esp, %eax
    calll *12(%esp)
    cli
    mov R_SS(%esp), %es
    movzwl R_ESP(%esp), %ebx
    mov R_FLAGS(%esp), %ax
    mov %ax, %es:C_FLAGS(%ebx)
    mov R_ES(%esp), %ax
    mov %ax, %es:C_ES(%ebx)
    mov R_DS(%esp), %ax
    mov %ax, %es:C_DS(%ebx)
    movl R_EAX(%esp), %eax
    movl %eax, %es:C_EAX(%ebx)
    movl R_EBX(%esp), %eax
    movl %eax, %es:C_EBX(%ebx)
    popl %edi
    popl %esi
    popl %ebp
    addl $8, %esp
    popl %edx
    popl %ecx
    addl $8, %esp
    pop %fs
    pop %gs
    movl 6(%esp), %ebx
    mov 10(%esp), %ax
    mov %ax, %ss
    movl %ebx, %esp
    pop %es
    pop %ds
    popl %ebx
    popl %eax
    add $4, %sp
    iret

    .macro entry name
    .globl entry_\name
entry_\name:
    pushl $handle_\name
    jmp enter
    .endm

    entry irq0
    entry irq1
    entry irq6
    entry irq8
    entry irq12
    entry irq13
    entry irq14
    entry spurious
    entry nmi
    entry int05
    entry int10_none
    entry int11
    entry int12
    entry int13
    entry int14
    entry int15
/*
 * INT 16h waits for a key on the caller's stack: a program's timer handler may set SP alone and never return (the count-down
 * of KolibriOS' loader).
 */
    .globl entry_int16
entry_int16:
    test $0xef, %ah
    jnz 2f
    push %ax
    push %ds
    mov $0x40, %ax
    mov %ax, %ds
    sti
1:  cli
    mov BDA_KBD_HEAD, %ax
    cmp BDA_KBD_TAIL, %ax
    jne 1f
    sti
    hlt
    jmp 1b
1:  pop %ds
    pop %ax
2:  pushl $handle_int16
    jmp enter
    entry int17
    entry int1a

/* INT 18h and 19h do not come back: they start on a fresh stack. */
    .globl entry_int18, entry_int19
entry_int18:
    movl $handle_int18, %ebx
    jmp fresh
entry_int19:
    movl $handle_int19, %ebx
fresh:
    cli
    cld
    mov $0x40, %ax
    mov %ax, %fs
    mov %fs:BDA_EBDA, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    movl $STACK_TOP, %esp
    movw $STACK_TOP, EBDA_SP
    mov %cs, %ax
    mov %ax, %gs
    calll *%ebx
1:  hlt
    jmp 1b

/*
 * After reset. The CMOS shutdown byte says whether the reset was the way back to real mode of a 286-style program:
 * 5 sends EOI and jumps through 40:67h, 0Ah jumps without EOI, 9 returns from INT 15h/87h.
 */
    .globl post_entry
post_entry:
    cli
    cld
    mov $0x8f, %al
    out %al, $0x70
    out %al, $0x80
    in $0x71, %al
    mov %al, %bl
    mov $0x8f, %al
    out %al, $0x70
    out %al, $0x80
    xor %al, %al
    out %al, $0x71
    xor %ax, %ax
    mov %ax, %ds
    cmp $0x05, %bl
    je resume_eoi
    cmp $0x0a, %bl
    je resume
    cmp $0x09, %bl
    je resume_move
    mov $EBDA_SEG, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    movl $STACK_TOP, %esp
    mov $0x40, %ax
    mov %ax, %fs
    mov %cs, %ax
    mov %ax, %gs
    calll post
1:  hlt
    jmp 1b
resume_eoi:
    mov $0x20, %al
    out %al, $0xa0
    out %al, $0x20
    in $0x60, %al
resume:
    ljmp *0x467
resume_move:
    lss 0x467, %sp
    pop %ds
    pop %es
    popa
    xor %ax, %ax
    iret

/* void wait_irq(void): sleeps until an interrupt has been served. */
    .globl wait_irq, let_irqs
wait_irq:
    pushw EBDA_SP
    mov %sp, EBDA_SP
    subw $HOOK_ROOM, EBDA_SP
    sti
    hlt
    cli
    popw EBDA_SP
    retl
/* void let_irqs(void): serves the interrupts that are waiting. */
let_irqs:
    pushw EBDA_SP
    mov %sp, EBDA_SP
    subw $HOOK_ROOM, EBDA_SP
    sti
    nop
    nop
    cli
    popw EBDA_SP
    retl

/* void call_far(struct call *c): calls c->cs:c->ip as INT does, with and back into the registers of *c. */
    .globl call_far
call_far:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    pushl %eax
    pushw EBDA_SP
    mov %sp, EBDA_SP
    subw $HOOK_ROOM, EBDA_SP
    pushw 36(%eax)
    push %cs
    pushw $1f
    pushw 34(%eax)
    pushw 32(%eax)
    pushw 30(%eax)
    pushw 28(%eax)
    btw $0, 36(%eax)
    movl 4(%eax), %ebx
    movl 8(%eax), %ecx
    movl 12(%eax), %edx
    movl 16(%eax), %esi
    movl 20(%eax), %edi
    movl 24(%eax), %ebp
    movl (%eax), %eax
    pop %ds
    pop %es
    lret
1:  pushf
    cli
    cld
    popw %ss:SAVED_FLAGS
    mov %ds, %ss:SAVED_DS
    movzwl %ss:EBDA_SP, %esp /* RETF and IRET leave different amounts */
    addl $HOOK_ROOM, %esp
    pushl %ebx
    mov %ss, %bx
    mov %bx, %ds
    movl 6(%esp), %ebx
    movl %eax, (%ebx)
    popl %eax
    movl %eax, 4(%ebx)
    movl %ecx, 8(%ebx)
    movl %edx, 12(%ebx)
    movl %esi, 16(%ebx)
    movl %edi, 20(%ebx)
    movl %ebp, 24(%ebx)
    mov SAVED_DS, %ax
    mov %ax, 28(%ebx)
    mov %es, 30(%ebx)
    mov SAVED_FLAGS, %ax
    mov %ax, 36(%ebx)
    popw EBDA_SP
    mov %ss, %ax
    mov %ax, %es
    mov $0x40, %ax
    mov %ax, %fs
    mov %cs, %ax
    mov %ax, %gs
    addl $4, %esp
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    retl

/* void call_mouse(uint32_t target, uint32_t status_x, uint32_t y_z): far call with four words pushed, the high halves first. */
    .globl call_mouse
call_mouse:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    pushw EBDA_SP
    mov %sp, EBDA_SP
    subw $HOOK_ROOM, EBDA_SP
    pushl %edx
    pushl %ecx
    push %cs
    pushw $1f
    pushl %eax
    lret
1:  cli
    cld
    movzwl %ss:EBDA_SP, %esp
    addl $HOOK_ROOM, %esp
    mov %ss, %ax
    mov %ax, %ds
    mov %ax, %es
    mov $0x40, %ax
    mov %ax, %fs
    mov %cs, %ax
    mov %ax, %gs
    popw EBDA_SP
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    retl

/* Far memory: eax = segment, edx = offset, ecx = value. */
    .globl peek8, peek16, peek32, poke8, poke16, poke32
peek8:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movzbl %es:(%edx), %eax
    pop %es
    retl
peek16:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movzwl %es:(%edx), %eax
    pop %es
    retl
peek32:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movl %es:(%edx), %eax
    pop %es
    retl
poke8:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movb %cl, %es:(%edx)
    pop %es
    retl
poke16:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movw %cx, %es:(%edx)
    pop %es
    retl
poke32:
    push %es
    mov %ax, %es
    movzwl %dx, %edx
    movl %ecx, %es:(%edx)
    pop %es
    retl

/* void copy_far(uint32_t dst, uint32_t src, uint32_t len): far pointers as segment << 16 | offset. */
    .globl copy_far
copy_far:
    pushl %esi
    pushl %edi
    push %ds
    push %es
    mov %ax, %di
    shrl $16, %eax
    mov %ax, %es
    mov %dx, %si
    shrl $16, %edx
    mov %dx, %ds
    rep movsb
    pop %es
    pop %ds
    popl %edi
    popl %esi
    retl
/* void port_read(uint32_t dst, uint16_t port, uint32_t words); port_write the same way round. */
    .globl port_read, port_write
port_read:
    pushl %edi
    push %es
    mov %ax, %di
    shrl $16, %eax
    mov %ax, %es
    rep insw
    pop %es
    popl %edi
    retl
port_write:
    pushl %esi
    push %ds
    mov %ax, %si
    shrl $16, %eax
    mov %ax, %ds
    rep outsw
    pop %ds
    popl %esi
    retl

/* void jump_boot(uint32_t target, uint8_t drive): leaves the BIOS; SP as old loaders find it. */
    .globl jump_boot
jump_boot:
    xor %bx, %bx
    mov %bx, %ds
    mov %bx, %es
    mov %bx, %fs
    mov %bx, %gs
    mov %bx, %ss
    movl $0x7c00, %esp
    movzbl %dl, %edx
    pushl %eax
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    mov $0xaa55, %ax
    sti
    lret

/*
 * uint32_t block_move(uint32_t gdt_linear, uint32_t bytes): INT 15h/87h. The caller's table has the source in entry 2 and the
 * target in entry 3; entries 1, 4 and 5 are filled in by the C side. Interrupts stay off. A20 is on.
 */
    .globl block_move
block_move:
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %edx, %ecx
    subl $8, %esp
    movw $0x2f, (%esp)
    movl %eax, 2(%esp)
    lgdtl (%esp)
    addl $8, %esp
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmp $0x20, $1f
1:  mov $0x10, %dx
    mov %dx, %ds
    mov $0x18, %dx
    mov %dx, %es
    mov $0x28, %dx
    mov %dx, %ss
    xorl %esi, %esi
    xorl %edi, %edi
    movl %ecx, %edx
    shrl $2, %ecx
    addr32 rep movsl
    movl %edx, %ecx
    andl $3, %ecx
    addr32 rep movsb
    andb $0xfe, %al
    mov %fs:BDA_EBDA, %dx
    /* Leave with limits of 64 KiB, as real mode has them. */
    mov $0x28, %cx
    mov %cx, %ds
    mov %cx, %es
    movl %eax, %cr0
    ljmp $0xf000, $2f
2:  mov %dx, %ds
    mov %dx, %es
    mov %dx, %ss
    popl %edi
    popl %esi
    popl %ebx
    retl

/*
 * void data_limits(uint32_t selector): DS, ES and GS get the limit of an entry of flat_gdt, 10h for 4 GiB, 18h for the 64 KiB of real
 * mode; where they point stays.
 */
    .globl data_limits
data_limits:
    pushl %ebx
    pushfl
    cli
    pushw %es
    pushw %gs
    mov %ds, %bx
    lgdtl %cs:flat_gdt_ptr
    movl %cr0, %ecx
    orb $1, %cl
    movl %ecx, %cr0
    jmp 1f
1:  mov %ax, %ds
    mov %ax, %es
    mov %ax, %gs
    andb $0xfe, %cl
    movl %ecx, %cr0
    jmp 2f
2:  mov %bx, %ds
    popw %gs
    popw %es
    popfl
    popl %ebx
    retl

    .balign 8
flat_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x000093000000ffff
flat_gdt_ptr:
    .word 31
    .long flat_gdt + 0xf0000

/* The fixed addresses. The section starts at E05Bh. */
    .section .fixed, "ax"
#define AT(address) .org (address) - 0xe05b, 0
    .globl reset_vector
    jmp post_entry
    AT(0xe2c3)
    jmp entry_nmi
/*
 * The Plug and Play BIOS's installation check structure (1.0A, 4.4): option ROMs take it as a promise that their boot entry vectors
 * are called. It has no function.
 */
    AT(0xe2d0)
    .ascii "$PnP"
    .byte 0x10, 0x21
    .word 0
    .byte 0xd9 /* all 33 bytes add up to 0 */
    .long 0
    .word 0xe300, 0xf000, 0xe300
    .long 0xf0000, 0
    .word 0xf000
    .long 0xf0000
    AT(0xe300)
    mov $0x82, %ax /* FUNCTION_NOT_SUPPORTED */
    lret
    AT(0xe3fe)
    jmp entry_int13
    AT(0xe401)
    .globl fixed_disk_table
fixed_disk_table:
    .fill 47 * 16, 1, 0
    AT(0xe6f2)
    jmp entry_int19
    AT(0xe6f5)
    .globl config_table
config_table:
    .word 8
    .byte 0xfc, 0x00, 0x01
    /* second 8259, RTC, keyboard intercept; EBDA */
    .byte 0x74, 0x00, 0x00, 0x00, 0x00
    AT(0xe739)
    jmp entry_int14
    AT(0xe82e)
    jmp entry_int16
    AT(0xe987)
    jmp entry_irq1
    AT(0xec59)
    jmp entry_int13
    AT(0xef57)
    jmp entry_irq6
    AT(0xefc7)
    .globl floppy_table
floppy_table:
    .byte 0xaf, 0x02, 0x25, 0x02, 0x12, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08
    AT(0xefd2)
    jmp entry_int17
    AT(0xf045)
    iret
    AT(0xf065)
    jmp entry_int10_none
    AT(0xf0a4)
    .globl video_table
video_table:
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x71, 0x50, 0x5a, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x7f, 0x06, 0x64, 0x70, 0x02, 0x01, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x61, 0x50, 0x52, 0x0f, 0x19, 0x06, 0x19, 0x19, 0x02, 0x0d, 0x0b, 0x0c, 0, 0, 0, 0
    .word 0x0800, 0x1000, 0x4000, 0x4000
    .byte 40, 80, 40, 80, 40, 40, 80, 80
    .byte 0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29
    AT(0xf841)
    jmp entry_int12
    AT(0xf84d)
    jmp entry_int11
    AT(0xf859)
    jmp entry_int15
    AT(0xfa6e)
    .globl font8x8
font8x8:
#include "font8x8.inc"
    AT(0xfe6e)
    jmp entry_int1a
    AT(0xfea5)
    jmp entry_irq0
    AT(0xfef3)
    jmp entry_spurious
    AT(0xff53)
    .globl just_iret
just_iret:
    iret
    AT(0xff54)
    jmp entry_int05
    AT(0xfff0)
reset_vector:
    ljmp $0xf000, $0xe05b
    AT(0xfff5)
    .ascii "01/01/26"
    AT(0xfffe)
    .byte 0xfc, 0
