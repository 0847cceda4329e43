; JMP and CALL to data, to an LDT, to an interrupt gate take #GP(selector); to code that is not present #NP.
; expect: #GP(0010) at=data
; expect: #GP(0070) at=ldt_
; expect: #GP(0078) at=gate_
; expect: #NP(0080) at=present
; expect: #GP(0018) at=outer
; expect: #GP(1000) at=limit
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE0, start, 0x8e
    desc S2, 0, 0xfffff, 0x1b | G32
    fault data, jmp DATA0:0
    fault ldt_, call LDT:0
    fault gate_, call S1:0
    fault present, jmp S2:0
    fault outer, jmp CODE3:0
    fault limit, jmp 0x1000:0
    done
