; HLT under TF: the trap ends it at once, with EIP behind it.
; expect: #DB at=hlt_ dr6=4000
; expect: #DB at=after dr6=4000
; expect: #DB at=after2 dr6=4000
; expect: #DB at=last dr6=4000
; qemu: SDM 2A, HLT: a debug exception ends the halt state
; qemu expect: #DB at=hlt_ dr6=4000
; qemu expect: not in time
; bochs: SDM 2A, HLT: a debug exception ends the halt state
; bochs expect: #DB at=hlt_ dr6=4000
; bochs expect: not in time
%include "prelude.inc"
start:
    push dword TF | 2
    popfd
    nop
hlt_: hlt
after: push dword 2
after2: popfd
last: nop
    done
