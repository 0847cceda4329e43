; TF through a task switch: the T bit is not needed when the new task's EFLAGS have TF; the trap comes after its first instruction.
; expect: #DB at=second dr6=4000
; expect: #DB at=third dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    taskb task, 0
    mov dword [tssb + 0x24], TF | 2
    jmp TSSB:0
task: nop
second: push dword 2
third: popfd
last: nop
    done
