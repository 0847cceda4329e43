; A fault through a task gate pushes its error code on the new task's stack, and the old TSS holds the faulting EIP with RF.
; expect: esp=0000e3fc
; expect: code=00000078
; expect: eip=00000000
; expect: rf=00010000
; qemu: SDM 3B 17.3.1.1: a fault's EFLAGS have RF set, in the TSS as well
; qemu expect: esp=0000e3fc
; qemu expect: code=00000078
; qemu expect: eip=00000000
; qemu expect: rf=00000000
%include "prelude.inc"
start:
    taskb task, 0
    gate idt_entry(13), TSSB, start, 0x85
    desc S1, 0, 0, 0x98
    mov eax, S1
bad: mov fs, eax
task: show esp
    showl "code", dword [esp]
    mov eax, [tss + 0x20]
    sub eax, bad
    showl "eip", eax
    mov eax, [tss + 0x24]
    and eax, RF
    showl "rf", eax
    done
