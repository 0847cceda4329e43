; A task whose LDT is bad takes #TS(LDT) in its own context, at its first instruction.
; expect: #TS(0010) at=task cs=001b
; expect: tr=00000060
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #TS(0010) at=start+77 cs=001b
; qemu expect: tr=00000060
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS
    taskb task, 3
    mov word [tssb + 0x60], DATA0
    try n1
    jmp TSSB:0
task: hlt
n1: xor eax, eax
    str ax
    showl "tr", eax
    done
