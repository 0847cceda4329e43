; An IDT limit that does not even hold #DF's vector ends in shutdown.
; expect: triple fault
%define REAL
%include "prelude.inc"
start:
    mov word [idt_ptr], 0
    lidt [idt_ptr]
    int 0x30
    done
