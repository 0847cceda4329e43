; POP of a bad selector leaves ESP; POP DS of a 32-bit operand takes four bytes and looks at two.
; expect: #GP(1000) at=pop_
; expect: es=00000010
; expect: esp=0000f000
%include "prelude.inc"
start:
    push dword 0x1000
    fault pop_, pop es
    mov eax, es
    showl "es", eax
    push dword 0x12340000 | DATA0
    pop es
    show esp
    done
