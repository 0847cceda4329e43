; A contributory fault while #GP is delivered is #DF(0) at the first instruction.
; expect: #DF(0000) at=bad
%include "prelude.inc"
start:
    mov byte [idt_entry(13) + 5], 0x0e
    mov eax, 0xfff8
    fault bad, mov fs, eax
    done
