; An old TSS that cannot be written takes #PF, before anything has changed.
; expect: #PF(0003) at=switch cr2=00060020
; expect: tr=00000058
; qemu: SDM 3A 7.3 leaves open which byte of the TSS faults first
; qemu expect: #PF(0003) at=switch cr2=00060000
; qemu expect: tr=00000058
%include "prelude.inc"
start:
    paging 0x10000
    mov esi, tss
    mov edi, 0x60000
    mov ecx, 26
    rep movsd
    desc TSS, 0x60000, 0x67, 0x89
    mov eax, TSS
    ltr ax
    pte 0x60000, 0x60005
    flush
    fault switch, jmp TSSB:0
    xor eax, eax
    str ax
    showl "tr", eax
    done
