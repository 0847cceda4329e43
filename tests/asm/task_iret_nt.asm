; IRET from a nested task clears NT in the EFLAGS that it saves, and in nothing else of it.
; expect: efl=00000202
%include "prelude.inc"
start:
    taskb task, 0
    call TSSB:0
    showl "efl", dword [tssb + 0x24]
    done
task: push dword 0x4202
    popfd
    iretd
