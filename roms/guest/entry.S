/* SPDX-License-Identifier: MIT */
/*
 * The kernel's first instruction and its interrupt entries.
 */
    .section .start, "ax"
    .globl start
start:
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    cld
    rep stosb
    call kernel_main
1:  hlt
    jmp 1b

    .text
    .altmacro
    .macro stub n
    .if \n == 8 || (\n >= 10 && \n <= 14) || \n == 17
    .else
    pushl $0
    .endif
    pushl $\n
    jmp common
    .balign 16
    .endm

    .balign 16
    .globl stubs
stubs:
    .set i, 0
    .rept 48
    stub %i
    .set i, i + 1
    .endr
common:
    pushal
    cld
    movl %esp, %eax
    call interrupt
    popal
    addl $8, %esp
    iretl
