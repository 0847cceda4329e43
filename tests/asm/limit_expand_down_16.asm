; An expand-down segment with B clear ends at FFFFh.
; expect: al=00000077
; expect: #GP(0000) at=word_
; expect: #GP(0000) at=beyond
; expect: #GP(0000) at=low
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: al=00000077
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 0xff, 0x97
    mov byte [0x3ffff], 0x77
    mov eax, S1
    mov fs, eax
    movzx eax, byte [fs:0xffff]
    showl "al", eax
    fault word_, mov ax, [fs:0xffff]
    fault beyond, mov al, [fs:0x10000]
    fault low, mov al, [fs:0x10]
    done
