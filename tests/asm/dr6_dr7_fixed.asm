; Reserved bits: DR6 reads FFFF0FF0h when nothing is set, bit 12 is 0; DR7 bit 10 is 1, bits 11, 12, 14, 15 are 0.
; expect: dr6=ffff0ff0
; expect: dr7=ffff07ff
; qemu: SDM 3B 17.2.4: bits 11, 12, 14 and 15 are 0
; qemu expect: dr6=ffff0ff0
; qemu expect: dr7=ffffdfff
; bochs: SDM 3B 17.2.4: bit 11 is 0 without RTM
; bochs expect: dr6=ffff0ff0
; bochs expect: dr7=ffff0fff
%include "prelude.inc"
start:
    xor eax, eax
    mov dr6, eax
    mov eax, dr6
    showl "dr6", eax
    xor eax, eax
    mov dr0, eax
    mov dr1, eax
    mov dr2, eax
    mov dr3, eax
    mov eax, 0xfffffbff & ~0x2000
    mov dr7, eax
    mov ecx, 0x400
    mov eax, dr7
    mov dr7, ecx
    showl "dr7", eax
    done
