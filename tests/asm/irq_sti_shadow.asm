; An interrupt that is pending waits for the instruction behind STI; STI;CLI lets none in.
; expect: none=00000001
; expect: INT20 at=after
%include "prelude.inc"
start:
    call pic_pit
    sti
    cli
    showl "none", 1
    sti
    inc eax
after: nop
    cli
    done
%include "irq.inc"
