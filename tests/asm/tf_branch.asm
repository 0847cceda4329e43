; TF after jumps, calls and returns shows the target's address; the conditional one not taken the next.
; expect: #DB at=jmp_ dr6=4000
; expect: #DB at=target dr6=4000
; expect: #DB at=callee dr6=4000
; expect: #DB at=returned dr6=4000
; expect: #DB at=not_taken dr6=4000
; expect: #DB at=popf_ dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    xor eax, eax
    push dword 2
    push dword TF | 2 | 0x40
    popfd
    nop
jmp_: jmp target
    hlt
callee: ret
target: call callee
returned: jnz start
not_taken: mov ebx, 1
popf_: popfd
last: nop
    done
