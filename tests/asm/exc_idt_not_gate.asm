; An IDT entry that is no gate takes #GP(vector * 8 + 2), a gate that is not present #NP, with EXT for exceptions.
; expect: #GP(0182) at=type
; expect: #NP(018a) at=present
; expect: #GP(0033) at=ext
; qemu: SDM 3A 6.13: EXT is set when an exception was being delivered
; qemu expect: #GP(0182) at=type
; qemu expect: #NP(018a) at=present
; qemu expect: #GP(0032) at=ext
%include "prelude.inc"
start:
    mov byte [idt_entry(0x30) + 5], 0x8c
    mov byte [idt_entry(0x31) + 5], 0x0e
    mov byte [idt_entry(6) + 5], 0x82
    fault type, int 0x30
    fault present, int 0x31
    fault ext, ud2
    done
