; CALL through a task gate: DPL must not be below CPL or RPL (#GP(gate)), the gate present (#NP(gate)), its TSS in the GDT (#GP(TSS)).
; expect: #GP(0078) at=dpl
; expect: #NP(0080) at=present
; expect: #GP(0064) at=in_ldt
; expect: #GP(0010) at=no_tss
; expect: tr=00000060
; qemu: SDM 2A, CALL: a task gate's TSS in an LDT is #GP(selector)
; qemu expect: #GP(0078) at=dpl
; qemu expect: #NP(0080) at=present
; qemu expect: #TS(0064) at=in_ldt
; qemu expect: #GP(0010) at=no_tss
; qemu expect: tr=00000060
%include "prelude.inc"
start:
    taskb task, 0
    gate gdt_entry(S1), TSSB, start, 0x85
    gate gdt_entry(S2), TSSB, start, 0x05
    gate gdt_entry(S3), TSSB | 4, start, 0x85
    gate gdt_entry(S4), DATA0, start, 0x85
    try n1
    to_ring 3, dpl
n1: fault present, call S2:0
    fault in_ldt, call S3:0
    fault no_tss, call S4:0
    call S1:0
    done
dpl: call (S1 | 3):0
task: xor eax, eax
    str ax
    showl "tr", eax
    iretd
