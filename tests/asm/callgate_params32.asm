; A 32-bit call gate from level 3 to 0 copies its parameters; the frame is SS, ESP, parameters, CS, EIP; RETF n drops them on both stacks.
; expect: esp=0000e7e4
; expect: p1=11111111
; expect: p2=22222222
; expect: cs=0000001b
; expect: oldesp=0000fbf0
; expect: back=0000fbfc
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE0, inner, 0xec, 3
    try n1
    to_ring 3, r3
n1: done
inner: show esp
    showl "p1", dword [esp + 16]
    showl "p2", dword [esp + 12]
    showl "cs", dword [esp + 4]
    showl "oldesp", dword [esp + 20]
    retf 12
r3: push dword 0
    push dword 0x11111111
    push dword 0x22222222
    push dword 0x33333333
    call S1:0
    mov [0x30000], esp
    level0
    showl "back", dword [0x30000]
    done
