; Without EFLAGS.AC, or without CR0.AM, nothing is checked at level 3; bytes never are.
; expect: =00000001
; expect: =00000002
%include "prelude.inc"
start:
    to_ring 3, r3, AC | 2
r3: mov eax, [0x30001]
    mov eax, 1
    int 0x3f
    level0
    cr0_set 0x40000
    to_ring 3, r3b
r3b: mov eax, [0x30001]
    push dword AC | 2
    popfd
    mov al, [0x30001]
    mov eax, 2
    int 0x3f
    level0
    done
