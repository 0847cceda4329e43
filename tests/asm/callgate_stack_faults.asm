; A call gate's new stack: null or wrong SS in the TSS takes #TS(SS), not present #SS(SS), too small #SS(SS selector).
; expect: #TS(0000) at=null_
; expect: #TS(0020) at=level
; expect: #SS(0080) at=present
; expect: #SS(0088) at=small
; qemu: SDM 3A 6.15, interrupt 12: a new stack that is not present is #SS
; qemu expect: #TS(0000) at=null_
; qemu expect: #TS(0020) at=level
; qemu expect: #TS(0080) at=present
; qemu expect: #GP(0000) at=l1
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE1, l1, 0xec
    desc S2, 0, 0xfffff, 0x33 | G32
    desc S3, 0, 0xf, 0xb3 | B32
    mov dword [tss + 16], 0
    try n1
    to_ring 3, null_
n1: mov dword [tss + 16], DATA3 - 2
    try n2
    to_ring 3, level
n2: mov dword [tss + 16], S2 | 1
    try n3
    to_ring 3, present
n3: mov dword [tss + 16], S3 | 1
    mov dword [tss + 12], 8
    try n4
    to_ring 3, small
n4: done
l1: hlt
null_: call S1:0
level: call S1:0
present: call S1:0
small: call S1:0
    done
