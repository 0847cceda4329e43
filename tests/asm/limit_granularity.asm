; With G set the limit counts 4-KiB pages and the low 12 bits are not checked.
; expect: ax=000000cc
; expect: #GP(0000) at=beyond
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: ax=000000cc
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 1, DATA | G32
    mov byte [0x31fff], 0xcc
    mov eax, S1
    mov fs, eax
    movzx eax, byte [fs:0x1fff]
    showl "ax", eax
    fault beyond, mov al, [fs:0x2000]
    done
