; From the Pentium on there are no test registers: MOV with TR is #UD, at every level.
; expect: #UD at=from
; expect: #UD at=to_
%include "prelude.inc"
start:
    fault from, db 0x0f, 0x24, 0xf0
    fault to_, db 0x0f, 0x26, 0xf0
    done
