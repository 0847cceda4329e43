; RDMSR and WRMSR of a register that does not exist take #GP(0).
; expect: #GP(0000) at=read
; expect: #GP(0000) at=write
; qemu: SDM 2B, RDMSR: a register that does not exist is #GP(0)
; qemu expect: no fault
; qemu expect: no fault
%include "prelude.inc"
start:
    mov ecx, 0x12345
    fault read, rdmsr
    fault write, wrmsr
    done
