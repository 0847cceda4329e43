; A 16-bit effective address wraps at 64 KiB before the limit check; the access itself does not wrap.
; expect: al=00000011
; expect: #GP(0000) at=word_
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: al=00000011
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 0xffff, DATA
    mov byte [0x30001], 0x11
    mov eax, S1
    mov fs, eax
    mov bx, 0xffff
    movzx eax, byte [fs:bx + 2]
    showl "al", eax
    fault word_, mov ax, [fs:bx]
    done
