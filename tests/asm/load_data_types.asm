; DS takes data and readable code; execute-only code, gates and system segments take #GP(selector).
; expect: #GP(0080) at=xonly
; expect: #GP(0058) at=tss_
; expect: #GP(0088) at=gate_
; expect: fs=00000078
%include "prelude.inc"
start:
    desc S1, 0, 0xffff, 0x9a | B32
    desc S2, 0, 0xffff, 0x98 | B32
    gate gdt_entry(S3), CODE0, start, 0x8c
    mov eax, S1
    mov fs, eax
    mov eax, S2
    fault xonly, mov fs, eax
    mov eax, TSS
    fault tss_, mov fs, eax
    mov eax, S3
    fault gate_, mov fs, eax
    mov eax, fs
    showl "fs", eax
    done
