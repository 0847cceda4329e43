; A task switch clears DR7's L0-L3 and LE, and keeps G0-G3.
; expect: dr7=000006aa
; qemu: SDM 3B 17.2.4: a task switch clears LE as well
; qemu expect: dr7=000007aa
%include "prelude.inc"
start:
    taskb task, 0
    mov eax, 0x7ff
    mov dr7, eax
    jmp TSSB:0
task: mov eax, dr7
    showl "dr7", eax
    done
