; IRET: null CS #GP(0), data #GP(selector), RPL below CPL #GP(selector), not present #NP(selector), EIP beyond the limit #GP(0).
; expect: #GP(0000) at=null_
; expect: #GP(0010) at=data
; expect: #GP(0008) at=inner
; expect: #NP(0078) at=present
; expect: #GP(0000) at=limit
; qemu: SDM 2A, IRET: EIP beyond the limit is #GP(0)
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x1b | G32
    desc S2, 0, 0xffff, CODE | B32
%macro irets 2
    push dword 2
    push dword %1
    push dword %2
%endmacro
    irets 0, 0
    fault null_, iretd
    irets DATA0, 0
    fault data, iretd
    try n1
    to_ring 3, r3
n1: irets S1, 0
    fault present, iretd
    irets S2, 0x10000
    fault limit, iretd
    done
r3: irets CODE0, start
inner: iretd
