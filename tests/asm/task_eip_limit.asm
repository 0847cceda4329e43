; A task whose EIP lies beyond the limit of its CS takes #GP(0).
; expect: #GP(0000) at=00012345
; qemu: SDM 3A 7.3: the fault is the new task's, at its EIP
; qemu expect: #GP(0000) at=000120f4
%include "prelude.inc"
start:
    taskb 0x12345, 3
    desc CODE3, 0, 0xffff, CODE | DPL3 | B32
    try n1
    jmp TSSB:0
n1: done
    done
