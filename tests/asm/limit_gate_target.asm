; A target beyond its code segment's limit is #GP(0) however it is reached: by a gate at the same level and to an inner one,
; by a call gate to an inner level, by RETF to an outer one; and a call gate without a selector. The instruction stays at.
; expect: #GP(0000) at=int_same
; expect: #GP(0000) at=int_inner
; expect: #GP(0000) at=call_inner
; expect: #GP(0000) at=call_null
; expect: #GP(0000) at=retf_outer
; expect: #GP(0000) at=iret_outer
; qemu: SDM 3A 6.12.1.1: an offset beyond the limit is #GP(0)
%include "prelude.inc"
start:
    desc S1, 0, 0xfff, CODE | B32
    desc S3, 0, 0xfff, CODE | DPL3 | B32
    gate idt_entry(0x30), S1, start, 0xee
    gate gdt_entry(S2), S1, start, 0xec
    gate gdt_entry(S4), 0, start, 0xec
    fault int_same, int 0x30
    try n1
    to_ring 3, int_inner
int_inner: int 0x30
n1: try n2
    to_ring 3, call_inner
call_inner: call S2 | 3:0
n2: fault call_null, call S4:0
    push dword DATA3
    push dword STACK3
    push dword S3 | 3
    push dword 0x2000
    fault retf_outer, retf
    push dword DATA3
    push dword STACK3
    push dword 2
    push dword S3 | 3
    push dword 0x2000
    fault iret_outer, iretd
    done
