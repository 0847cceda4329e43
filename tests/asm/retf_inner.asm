; RETF to a more privileged level takes #GP(selector).
; expect: #GP(0008) at=ret_
; expect: #GP(0000) at=null_
; expect: #GP(0010) at=data
%include "prelude.inc"
start:
    try n1
    to_ring 3, r3
n1: push dword 0
    push dword 0
    fault null_, retf
    push dword DATA0
    push dword 0
    fault data, retf
    done
r3: push dword CODE0
    push dword start
ret_: retf
