; A task's DS: execute-only or too privileged #TS(DS), not present #NP(DS), null is fine.
; expect: #TS(0010) at=task
; expect: #TS(0078) at=task
; expect: #NP(0080) at=task
; expect: #UD at=task2
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0010) at=start+95
; qemu expect: #TS(0078) at=task+3d
; qemu expect: #NP(0080) at=task+80
; qemu expect: #UD at=task2
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0xf8 | G32
    desc S2, 0, 0xfffff, 0x73 | G32
    taskb task, 3
    mov word [tssb + 0x54], DATA0
    try n1
    jmp TSSB:0
task: hlt
n1: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    mov word [tssb + 0x54], S1 | 3
    try n2
    jmp TSSB:0
n2: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    mov word [tssb + 0x54], S2 | 3
    try n3
    jmp TSSB:0
n3: tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    mov dword [tssb + 0x20], task2
    mov word [tssb + 0x54], 0
    try n4
    jmp TSSB:0
n4: done
task2: ud2
    done
