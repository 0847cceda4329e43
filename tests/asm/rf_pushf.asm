; PUSHFD stores RF as 0.
; expect: fl=00000002
%include "prelude.inc"
start:
    push dword RF | 2
    push dword CODE0
    push dword n1
    iretd
n1: pushfd
    pop eax
    showl "fl", eax
    done
