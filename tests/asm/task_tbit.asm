; The T bit raises #DB with DR6.BT before the new task's first instruction.
; expect: #DB at=task dr6=8000
; expect: #UD at=task
; qemu: SDM 3B 17.3.1.5: the T bit raises #DB
; qemu expect: #UD at=task
; qemu expect: #UD at=task
%include "prelude.inc"
start:
    taskb task, 0
    mov word [tssb + 0x64], 1
    try n1
    jmp TSSB:0
task: ud2
n1: mov byte [gdt + TSSB + 5], 0x89
    tss_again 0x68, 0x67
    mov word [tssb + 0x64], 0
    try n2
    jmp TSSB:0
n2: done
    done
