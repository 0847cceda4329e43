/* SPDX-License-Identifier: MIT */
/*
 * The protected-mode entries of APM 1.2: the ways to apm_call() that INT 15h AX=5302h and AX=5303h tell of.
 *
 * The caller has made descriptors one behind the other, 16-bit code (F000h) and data (40h), for the 32-bit entry with 32-bit
 * code (F000h) before them: 8 above the 16-bit CS is the data segment, which no register need hold. The stack is the
 * caller's, and the C code, which is 16-bit code, runs on it with DS = ES = SS and FS = 40h. GS is not this ROM, and CS may be
 * unreadable: there are no constants in memory. Called with CPL 0.
 */
    .section .text.apm, "ax"

/* Called far by 32-bit code, with a 32-bit stack. */
    .code32
    .globl apm_entry_32
apm_entry_32:
    push %cs
    push $1f
    push %cs
    addl $8, (%esp)
    push $protected
    lret
1:  lret

/* Called far by 16-bit code. */
    .code16
    .globl apm_entry_16
apm_entry_16:
    pushl %cs
    pushl $1f
    jmp protected
1:  lret

/* struct regs up to the flags; ESP and SS behind them have no use here. */
protected:
    pushfw
    pushw %cs
    pushw $0
    pushw %gs
    pushw %fs
    pushw %es
    pushw %ds
    pushal
    cld
    movl %esp, %esi
    mov %ss, %ax
    mov %ax, %ds
    mov %ax, %es
    larl %eax, %eax
    btl $22, %eax /* B: the stack goes by ESP */
    jc 1f
    movzwl %sp, %esp
1:  mov %cs, %ax
    add $8, %ax
    mov %ax, %fs
    movl %esp, %eax
    movl $halt, %edx
    calll apm_call
    movl %esi, %esp
    popal
    popw %ds
    popw %es
    popw %fs
    popw %gs
    leal 4(%esp), %esp
    popfw
    lretl

halt:
    sti
    hlt
    cli
    retl
