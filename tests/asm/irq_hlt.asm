; HLT ends with the interrupt, whose frame has the address behind it.
; expect: INT20 at=after
%include "prelude.inc"
start:
    call pic_pit
    sti
    hlt
after: cli
    done
%include "irq.inc"
