; A call gate's DPL must not be below CPL or the selector's RPL, and its code segment must not be less privileged than CPL.
; expect: #GP(0078) at=dpl
; expect: #GP(0080) at=rpl
; expect: #GP(0018) at=outer
; expect: #NP(0088) at=present
; expect: cs=00000008
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE0, start, 0xcc
    gate gdt_entry(S2), CODE0, start, 0x8c
    gate gdt_entry(S3), CODE0, start, 0x0c
    gate gdt_entry(S4), CODE3, start, 0xec
    gate gdt_entry(S5), CODE0 | 3, same, 0x8c
    try n1
    to_ring 3, dpl
n1: fault rpl, call (S2 | 1):0
    fault outer, call S4:0
    fault present, call S3:0
    call S5:0
    done
same: mov eax, cs
    showl "cs", eax
    retf
dpl: call S1:0
