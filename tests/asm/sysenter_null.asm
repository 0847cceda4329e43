; SYSENTER with IA32_SYSENTER_CS 0 takes #GP(0), SYSEXIT too, and SYSEXIT at level 3 always; SYSENTER in real mode as well.
; expect: #GP(0000) at=enter_
; expect: #GP(0000) at=exit_
; expect: #GP(0000) at=exit3
%include "prelude.inc"
start:
    fault enter_, sysenter
    fault exit_, sysexit
    mov ecx, 0x174
    xor edx, edx
    mov eax, CODE0
    wrmsr
    try n1
    to_ring 3, exit3
exit3: sysexit
n1: done
    done
