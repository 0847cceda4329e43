; A REP string instruction with ECX 0 is one instruction to TF.
; expect: #DB at=rep_ dr6=4000
; expect: #DB at=after dr6=4000
; expect: #DB at=after2 dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    xor ecx, ecx
    push dword TF | 2
    popfd
    nop
rep_: rep stosd
after: push dword 2
after2: popfd
last: nop
    done
