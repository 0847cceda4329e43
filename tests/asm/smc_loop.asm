; A loop that patches itself each time round sees each value.
; expect: sum=00000037
%include "prelude.inc"
start:
    xor edx, edx
    mov ecx, 10
n1: mov [patch + 1], cl
patch: mov eax, 0
    add edx, eax
    loop n1
    showl "sum", edx
    done
