; A level-3 task interrupted through a gate uses the new TSS's SS0:ESP0.
; expect: #UD at=task ss=0023 esp=0000e400 top=0000e200
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_SS | SHOW_TOP
    taskb task, 3
    try n1
    jmp TSSB:0
task: ud2
n1: done
    done
