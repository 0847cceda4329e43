; In virtual-8086 mode with IOPL 0: CLI, STI, PUSHF, POPF, INT n and IRET take #GP(0); so do HLT, LGDT, MOV CR and LMSW at any IOPL.
; expect: #GP(0000) at=cli_
; expect: #GP(0000) at=sti_
; expect: #GP(0000) at=pushf_
; expect: #GP(0000) at=popf_
; expect: #GP(0000) at=int_
; expect: #GP(0000) at=iret_
; expect: #GP(0000) at=hlt_
; expect: #GP(0000) at=lgdt_
; expect: #GP(0000) at=mov_cr
; expect: #GP(0000) at=lmsw_
%include "prelude.inc"
start:
%macro v 3+ ; EFLAGS, label, instruction
    try %%next
    to_v86 %2, VM | (%1)
bits 16
%2: %3
    ud2
bits 32
%%next:
%endmacro
    v 2, cli_, cli
    v 2, sti_, sti
    v 2, pushf_, pushf
    v 2, popf_, popf
    v 2, int_, int 0x30
    v 2, iret_, iret
    v IOPL3, hlt_, hlt
    v IOPL3, lgdt_, lgdt [0x2000]
    v IOPL3, mov_cr, mov eax, cr0
    v IOPL3, lmsw_, lmsw ax
    done
