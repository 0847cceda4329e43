; POPF with IOPL 3 changes IF, and neither IOPL nor VM.
; expect: =00003202
%include "prelude.inc"
start:
    to_v86 v86, VM | IOPL3
bits 16
v86: push dword 0x0202
    popfd
    pushfd
    pop eax
    int 0x3f
    level0
    done
