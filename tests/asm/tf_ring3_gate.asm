; TF through a call gate: the trap comes at the gate's target, in level 0.
; expect: #DB at=call_ dr6=4000 cs=001b
; expect: #DB at=inner dr6=4000 cs=0008
; expect: #DB at=inner2 dr6=4000 cs=0008
; expect: #DB at=inner3 dr6=4000 cs=0008
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS
    gate gdt_entry(S1), CODE0, inner, 0xec
    to_ring 3, r3, TF | 2
r3: nop
call_: call S1:0
inner: push dword 2
inner2: popfd
inner3: nop
    done
