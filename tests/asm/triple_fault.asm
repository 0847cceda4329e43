; A fault while #DF is delivered is shutdown.
; expect: triple fault
%include "prelude.inc"
start:
    mov byte [idt_entry(13) + 5], 0
    mov byte [idt_entry(8) + 5], 0
    mov eax, 0xfff8
    mov ds, eax
    done
