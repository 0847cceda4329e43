; IDTR's base moves the vectors in real mode.
; expect: moved=00000001
%define REAL
%include "prelude.inc"
start:
    mov dword [0x800 + 0x30 * 4], handler
    mov word [idt_ptr], 0x3ff
    mov dword [idt_ptr + 2], 0x800
    lidt [idt_ptr]
    int 0x30
handler: showl "moved", 1
    done
