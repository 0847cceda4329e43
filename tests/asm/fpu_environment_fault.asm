; FNSAVE beyond the limit faults and leaves the x87 state.
; expect: #GP(0000) at=save
; expect: cw=0000037f
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: no fault
; qemu expect: cw=0000037f
%include "prelude.inc"
start:
    cr0_clear 0xe
    desc S1, 0x30000, 0x40, DATA | B32
    mov eax, S1
    mov fs, eax
    fninit
    fldpi
    fault save, fnsave [fs:0]
    fnstcw [0x31000]
    movzx eax, word [0x31000]
    showl "cw", eax
    done
