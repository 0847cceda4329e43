; A task whose LDT is not present takes #TS(LDT); so does one whose LDT is in an LDT.
; expect: #TS(0070) at=task
; expect: #TS(0074) at=task
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0070) at=start+74
; qemu expect: #TS(0074) at=task+44
%include "prelude.inc"
start:
    taskb task, 3
    mov word [tssb + 0x60], LDT
    mov byte [gdt + LDT + 5], 2
    try n1
    jmp TSSB:0
task: hlt
n1: tss_again 0x68, 0x67
    mov byte [gdt + LDT + 5], 0x82
    mov byte [gdt + TSSB + 5], 0x89
    mov word [tssb + 0x60], LDT | 4
    try n2
    jmp TSSB:0
n2: done
    done
