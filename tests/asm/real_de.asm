; #DE in real mode is a fault: the saved address is the DIV's.
; expect: #DE at=bad
%define REAL
%include "prelude.inc"
start:
    xor cx, cx
    fault bad, div cx
    done
