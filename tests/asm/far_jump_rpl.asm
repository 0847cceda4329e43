; A far jump to nonconforming code wants RPL <= CPL and DPL = CPL; conforming code wants DPL <= CPL. CS gets CPL as its RPL.
; expect: #GP(0008) at=rpl
; expect: cs=00000078
; expect: #GP(0080) at=conforming
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x9e | G32
    desc S2, 0, 0xfffff, 0xfe | G32
    fault rpl, jmp (CODE0 | 1):0
    jmp (S1 | 3):n1
n1: mov eax, cs
    showl "cs", eax
    jmp CODE0:n2
n2: fault conforming, jmp S2:0
    done
