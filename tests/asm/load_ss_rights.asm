; SS wants DPL and RPL equal to CPL, and writable data.
; expect: #GP(0020) at=dpl
; expect: #GP(0010) at=rpl
; expect: #GP(0078) at=readonly
; expect: #GP(0008) at=code
; expect: #GP(0020) at=ring
%include "prelude.inc"
start:
    mov eax, 0x20
    fault dpl, mov ss, eax
    mov eax, DATA0 | 1
    fault rpl, mov ss, eax
    desc S1, 0, 0xfffff, 0x91 | G32
    mov eax, S1
    fault readonly, mov ss, eax
    mov eax, CODE0
    fault code, mov ss, eax
    try n1
    to_ring 3, r3
n1: done
r3: mov eax, 0x20
ring: mov ss, eax
    done
