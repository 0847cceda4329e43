; #GP while #UD is delivered is #GP, not #DF: #UD is benign.
; expect: #GP(0033) at=bad
; qemu: SDM 3A 6.13: EXT is set when an exception was being delivered
; qemu expect: #GP(0032) at=bad
%include "prelude.inc"
start:
    mov byte [idt_entry(6) + 5], 0x80
    fault bad, ud2
    done
