; CR0.NE: an unmasked x87 exception raises #MF at the next waiting x87 instruction or WAIT, at its address.
; expect: status=00000004
; expect: #MF at=next
; expect: #MF at=wait_
; expect: nonwaiting=00000001
; qemu: SDM 3A 6.15, interrupt 16: unmasked x87 exceptions are not reported
; qemu expect: status=00000004
; qemu expect: no fault
; qemu expect: #MF at=wait_
; qemu expect: nonwaiting=00000001
%include "prelude.inc"
start:
    cr0_clear 0xe
    fninit
    mov word [0x30000], 0x37b
    fldcw [0x30000]
    fld1
    fldz
    fdivp
    fnstsw ax
    and eax, 4
    showl "status", eax
    fault next, fld1
    fault wait_, fwait
    fnclex
    fnstsw ax
    fld1
    showl "nonwaiting", 1
    done
