; DR4 and DR5 are DR6 and DR7 while CR4.DE is clear, and #UD when it is set.
; expect: dr5=00000400
; expect: #UD at=dr4_
%include "prelude.inc"
start:
    xor eax, eax
    mov dr7, eax
    db 0x0f, 0x21, 0xe8
    showl "dr5", eax
    cr4_set 8
    try n1
dr4_: db 0x0f, 0x21, 0xe0
n1: done
    done
