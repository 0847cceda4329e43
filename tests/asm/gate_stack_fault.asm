; An interrupt whose new stack is bad: null SS0 #TS(0) for INT n, with EXT for an exception; both then find no stack and end in #DF or shutdown.
; expect: triple fault
%include "prelude.inc"
start:
    mov dword [tss + 8], 0
    to_ring 3, r3
r3: int 0x3e
    done
