; A trap and an interrupt after the same instruction: the trap comes first.
; expect: #DB at=mov_ dr6=4000
; expect: #DB at=out_ dr6=4000
; expect: #DB at=after dr6=4000
; expect: INT20 at=after
; expect: #DB at=after2 dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    call pic_pit
    mov al, 0xff
    out 0x21, al
    push dword IF | TF | 2
    popfd
    nop
mov_: mov al, 0xfe
out_: out 0x21, al
after: push dword 2
after2: popfd
last: nop
    done
%include "irq.inc"
