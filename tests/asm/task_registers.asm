; The new task's registers, flags and stack are the TSS's.
; expect: eax=11111111
; expect: ebp=22222222
; expect: esp=0000e400
; expect: fl=00000ed7
%include "prelude.inc"
start:
    taskb task, 0
    mov dword [tssb + 0x28], 0x11111111
    mov dword [tssb + 0x3c], 0x22222222
    mov dword [tssb + 0x24], 0xed7
    jmp TSSB:0
task: show eax
    show ebp
    show esp
    pushfd
    pop eax
    showl "fl", eax
    done
