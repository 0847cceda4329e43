; POPF: IOPL changes at level 0 only, IF only if CPL <= IOPL, silently; VM, RF, VIF and VIP never.
; expect: =00003202
; expect: =00003002
; expect: =00000202
%include "prelude.inc"
start:
    push dword 0x3002 | VM | RF | VIF | VIP | IF
    popfd
    pushfd
    pop eax
    int 0x3f
    to_ring 3, r3, 0x3202
r3: push dword 2
    popfd
    pushfd
    pop eax
    int 0x3f
    level0
    to_ring 3, r3b, 0x0202
r3b: push dword 0x3002
    popfd
    pushfd
    pop eax
    int 0x3f
    level0
    done
