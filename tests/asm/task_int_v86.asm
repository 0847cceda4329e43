; An exception in virtual-8086 mode through a task gate: the old TSS has VM and the 8086 selectors; IRET goes back to that mode.
; expect: fl=00030002
; expect: ds=00003000
; expect: #BP at=after fl=00020002
; qemu: SDM 3B 17.3.1.1: a fault's EFLAGS have RF set, in the TSS as well
; qemu expect: fl=00020002
; qemu expect: ds=00003000
; qemu expect: #BP at=after fl=00020002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    taskb task, 0
    gate idt_entry(6), TSSB, start, 0x85
    idt_dpl3 3
    try n1
    to_v86 v86, VM | 2
n1: done
task: mov eax, [tss + 0x24]
    and eax, ~0x8d5
    showl "fl", eax
    movzx eax, word [tss + 0x54]
    showl "ds", eax
    add dword [tss + 0x20], 2
    and dword [tss + 0x24], ~RF
    iretd
bits 16
v86: mov ax, 0x3000
    mov ds, ax
bad: ud2
    int3
after: nop
    done
