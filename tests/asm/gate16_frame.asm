; A 16-bit interrupt gate pushes 16-bit words and uses IP; the handler's stack shows SP - 6.
; expect: esp=0000effa
; expect: eax=00000000
; expect: back=0000f000
%include "prelude.inc"
start:
    gate idt_entry(0x30), CODE0, handler, 0x86
    int 0x30
after: showl "back", esp
    done
handler:
    mov ebx, esp
    movzx eax, word [ebx]
    show esp
    sub eax, after
    show eax
    o16 iret
