; A 16-bit TSS: registers are words, the return is by its link; the outgoing 16-bit TSS gets words.
; expect: ax=00001234
; expect: link=00000058
; expect: sp=0000e400
; expect: ax=00005678
%include "prelude.inc"
start:
    mov word [tssw + 14], task
    mov word [tssw + 18], 0x1234
    call TSSW:0
    movzx eax, word [tssw + 18]
    showl "ax", eax
    done
task: movzx esp, sp
    movzx eax, ax
    showl "ax", eax
    movzx eax, word [tssw]
    showl "link", eax
    movzx eax, sp
    showl "sp", eax
    mov ax, 0x5678
    iret
