; INT in real mode with a vector beyond the IDTR's limit takes #GP; IDTR's base is used.
; expect: #GP at=beyond
; expect: INT30 at=after
%define REAL
%include "prelude.inc"
start:
    mov word [idt_ptr], 0x0c3
    mov dword [idt_ptr + 2], 0
    lidt [idt_ptr]
    fault beyond, int 0x31
    int 0x30
after: nop
    done
