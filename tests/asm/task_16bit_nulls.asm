; A 16-bit TSS has no FS and GS: they are null in the new task.
; expect: fs=00000000
; expect: gs=00000000
%include "prelude.inc"
start:
    mov word [tssw + 14], task
    jmp TSSW:0
task: movzx esp, sp
    mov eax, fs
    showl "fs", eax
    mov eax, gs
    showl "gs", eax
    done
