; TF traps after each iteration of a REP string instruction, with EIP at it, and behind it after the last.
; expect: #DB at=rep_ dr6=4000
; expect: #DB at=rep_ dr6=4000
; expect: #DB at=rep_ dr6=4000
; expect: #DB at=after dr6=4000
; expect: #DB at=after2 dr6=4000
; expect: #DB at=last dr6=4000
; expect: ecx=00000000
%include "prelude.inc"
start:
    mov esi, 0x30000
    mov edi, 0x31000
    mov ecx, 3
    push dword TF | 2
    popfd
    nop
rep_: rep movsb
after: push dword 2
after2: popfd
last: nop
    show ecx
    done
