; A task's SS: null or of another level #TS(SS), not present #SS(SS).
; expect: #TS(0000) at=task
; expect: #TS(0010) at=task
; expect: #SS(0078) at=task
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0000) at=start+6d
; qemu expect: #TS(0010) at=task+3d
; qemu expect: #NP(0078) at=task+94
%include "prelude.inc"
start:
    taskb task, 3
    mov word [tssb + 0x50], 0
    try n1
    jmp TSSB:0
task: hlt
n1: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    mov word [tssb + 0x50], DATA0
    try n2
    jmp TSSB:0
n2: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    desc S1, 0, 0xfffff, 0x73 | G32
    mov word [tssb + 0x50], S1 | 3
    try n3
    jmp TSSB:0
n3: done
    done
