; #MF is a fault of the next instruction: its frame has that address and no error code; FNSTCW and FNINIT do not raise it.
; expect: #MF at=next fl=00010002 top=0000f000
; qemu: SDM 3A 6.15, interrupt 16: unmasked x87 exceptions are not reported
; qemu expect: no fault
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL | SHOW_TOP
    cr0_clear 0xe
    fninit
    mov word [0x30000], 0x37e
    fldcw [0x30000]
    fld dword [snan]
    fnstcw [0x30000]
    fault next, fchs
    done
snan: dd 0x7fa00000
