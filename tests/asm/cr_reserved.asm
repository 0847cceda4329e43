; CR0: PG without PE, NW without CD take #GP(0); CR4's reserved bits too; CR0.ET stays 1.
; expect: #GP(0000) at=nw
; expect: #GP(0000) at=cr4_
; expect: et=00000010
; qemu: SDM 2B, MOV CR: NW without CD is #GP(0)
; qemu expect: no fault
; qemu expect: not in time
%include "prelude.inc"
start:
    mov eax, cr0
    and eax, ~0x40000000
    or eax, 0x20000000
    fault nw, mov cr0, eax
    mov eax, 0x80000000
    fault cr4_, mov cr4, eax
    mov eax, cr0
    and eax, ~0x10
    mov cr0, eax
    mov eax, cr0
    and eax, 0x10
    showl "et", eax
    done
