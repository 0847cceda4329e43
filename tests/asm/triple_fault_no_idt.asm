; With an IDT limit of 0 any exception is shutdown.
; expect: before=00000001
; expect: triple fault
%include "prelude.inc"
start:
    showl "before", 1
    mov word [idt_ptr], 0
    lidt [idt_ptr]
    ud2
    done
