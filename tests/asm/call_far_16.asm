; A far CALL with a 16-bit operand size pushes CS and IP as words, and goes to IP.
; expect: esp=0000effc
; expect: csip=00080000
%include "prelude.inc"
start:
    call word CODE0:target
after: hlt
target: show esp
    mov eax, [esp]
    sub ax, after
    showl "csip", eax
    done
