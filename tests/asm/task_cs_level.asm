; A task whose CS has a DPL that is not its RPL takes #TS(CS); conforming code of a lower DPL is fine.
; expect: #TS(0008) at=task
; expect: #UD at=task2 cs=007b
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0008) at=start+6d
; qemu expect: #TS(0078) at=task+65 cs=007b
%include "prelude.inc"
start:
    taskb task, 3
    mov word [tssb + 0x4c], CODE0 | 3
    try n1
    jmp TSSB:0
task: hlt
n1: mov dword [show_what], SHOW_CS
    tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    desc S1, 0, 0xfffff, 0x9e | G32
    mov word [tssb + 0x4c], S1 | 3
    mov dword [tssb + 0x20], task2
    try n2
    jmp TSSB:0
task2: ud2
n2: done
    done
