; TF after a far jump and after LOOP.
; expect: #DB at=far_ dr6=4000
; expect: #DB at=loop_ dr6=4000
; expect: #DB at=loop_ dr6=4000
; expect: #DB at=end_ dr6=4000
; expect: #DB at=popf_ dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    mov ecx, 2
    push dword TF | 2
    popfd
    nop
far_: jmp CODE0:loop_
loop_: loop loop_
end_: push dword 2
popf_: popfd
last: nop
    done
