; A new TSS in a page that is not present takes #PF in the old task, which then has not changed.
; expect: #PF(0000) at=switch cr2=00060000
; expect: tr=00000058
; expect: type=00008900
; qemu: SDM 3A 7.3 leaves open which byte of the TSS faults first
; qemu expect: #PF(0000) at=switch cr2=0006001c
; qemu expect: tr=00000058
; qemu expect: type=00008900
%include "prelude.inc"
start:
    paging
    desc TSSB, 0x60000, 0x67, 0x89
    pte 0x60000, 0
    flush
    fault switch, jmp TSSB:0
    xor eax, eax
    str ax
    showl "tr", eax
    mov eax, [gdt + TSSB + 4]
    and eax, 0xff00
    showl "type", eax
    done
