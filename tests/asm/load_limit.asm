; A selector beyond the limit of the GDT, or of the LDT, takes #GP(selector), RPL cleared.
; expect: #GP(1000) at=gdt_
; expect: #GP(0044) at=ldt_
; expect: #GP(0034) at=no_ldt
%include "prelude.inc"
start:
    mov eax, LDT
    lldt ax
    mov eax, 0x1003
    fault gdt_, mov fs, eax
    mov eax, 0x47
    fault ldt_, mov gs, eax
    xor eax, eax
    lldt ax
    mov eax, 0x34
    fault no_ldt, mov es, eax
    done
