; A vector beyond the limit of the IDT takes #GP(vector * 8 + 2); for an exception the EXT bit is set as well.
; expect: #GP(0202) at=software
; expect: #GP(0082) at=software2
%include "prelude.inc"
start:
    fault software, int 0x40
    mov word [idt_ptr], 0x86
    lidt [idt_ptr]
    fault software2, int 0x10
    done
