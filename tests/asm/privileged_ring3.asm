; HLT, LGDT, LIDT, LMSW, CLTS, MOV CR and DR, INVLPG, LLDT, LTR, WRMSR, RDMSR, INVD and WBINVD take #GP(0) at level 3.
; expect: #GP(0000) at=hlt_
; expect: #GP(0000) at=lgdt_
; expect: #GP(0000) at=lidt_
; expect: #GP(0000) at=lmsw_
; expect: #GP(0000) at=clts_
; expect: #GP(0000) at=movcr
; expect: #GP(0000) at=movcr3
; expect: #GP(0000) at=movdr
; expect: #GP(0000) at=movdr0
; expect: #GP(0000) at=invlpg_
; expect: #GP(0000) at=lldt_
; expect: #GP(0000) at=ltr_
; expect: #GP(0000) at=wrmsr_
; expect: #GP(0000) at=rdmsr_
; expect: #GP(0000) at=wbinvd_
%include "prelude.inc"
start:
%macro priv 2+
    try %%trap
    to_ring 3, %1
%1: %2
%%trap:
%endmacro
    priv hlt_, hlt
    priv lgdt_, lgdt [gdt_ptr]
    priv lidt_, lidt [idt_ptr]
    priv lmsw_, lmsw ax
    priv clts_, clts
    priv movcr, mov eax, cr0
    priv movcr3, mov cr3, eax
    priv movdr, mov eax, dr7
    priv movdr0, mov dr0, eax
    priv invlpg_, invlpg [0x30000]
    priv lldt_, lldt ax
    priv ltr_, ltr ax
    priv wrmsr_, wrmsr
    priv rdmsr_, rdmsr
    priv wbinvd_, wbinvd
    done
