; The T bit of a task that an interrupt or #DB's own task gate starts: #DB comes before its first instruction too; the gate's
; task is busy then.
; expect: #DB at=task dr6=8000
; expect: #GP(0061) at=task
; qemu: SDM 3B 17.3.1.5: the T bit raises #DB
; qemu expect: #UD at=task
; qemu expect: #UD at=task
; bochs: SDM 3B 17.3.1.5: the T bit raises #DB, of a task that an interrupt starts too
; bochs expect: #UD at=task
; bochs expect: #GP(0061) at=task
%include "prelude.inc"
start:
    taskb task, 0
    mov word [tssb + 0x64], 1
    gate idt_entry(0x20), TSSB, start, 0x85
    call pic_pit
    try n1
    sti
    nop
    nop
    nop
    say "no interrupt"
task: ud2
n1: cli
    mov byte [gdt + TSSB + 5], 0x89
    tss_again 0x68, 0x67
    taskb task, 0
    mov word [tssb + 0x64], 1
    gate idt_entry(1), TSSB, start, 0x85
    try n2
    push dword TF | 2
    popfd
    nop
    nop
    say "no trap"
n2: done
%include "irq.inc"
