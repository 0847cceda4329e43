; A task whose CS is data takes #TS(CS); not present #NP(CS).
; expect: #TS(0020) at=task
; expect: #NP(0078) at=task
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0020) at=start+6d
; qemu expect: #NP(0078) at=task+51
%include "prelude.inc"
start:
    taskb task, 3
    mov word [tssb + 0x4c], DATA3
    try n1
    jmp TSSB:0
task: hlt
n1: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    desc S1, 0, 0xfffff, 0x7b | G32
    mov word [tssb + 0x4c], S1 | 3
    try n2
    jmp TSSB:0
n2: done
    done
