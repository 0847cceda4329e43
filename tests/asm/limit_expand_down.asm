; An expand-down segment of 32 bits begins behind its limit and ends at FFFFFFFFh.
; expect: #GP(0000) at=below
; expect: #GP(0000) at=across
; expect: al=00000055
; expect: #GP(0000) at=top
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: al=00000055
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 0xff, 0x97 | B32
    mov byte [0x30100], 0x55
    mov eax, S1
    mov fs, eax
    fault below, mov al, [fs:0xff]
    fault across, mov ax, [fs:0xff]
    movzx eax, byte [fs:0x100]
    showl "al", eax
    fault top, mov eax, [fs:0xfffffffd]
    done
