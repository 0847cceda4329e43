; Setting CR0.PG with PE clear takes #GP(0), in real mode.
; expect: #GP at=bad
; qemu: SDM 2B, MOV CR: PG without PE is #GP(0)
; qemu expect: triple fault
%define REAL
%include "prelude.inc"
start:
    mov eax, cr0
    or eax, 0x80000000
    fault bad, mov cr0, eax
    done
