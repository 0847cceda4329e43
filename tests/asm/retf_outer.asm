; RETF to level 3 loads SS:ESP and nulls the data segments that level 3 may not use.
; expect: #GP(0000) at=nulled cs=001b fl=00010002 ss=0023 esp=00001234
; expect: fs=00000000
; expect: gs=00000023
; qemu: SDM 3A 5.4.1: a null segment cannot be used
%include "prelude.inc"
start:
    mov dword [show_what], 7
    mov eax, DATA3
    mov gs, eax
    push dword DATA3
    push dword 0x1234
    push dword CODE3
    push dword r3
    try n1
    retf
n1: mov eax, fs
    showl "fs", eax
    mov eax, gs
    showl "gs", eax
    done
r3: mov al, [gs:0x30000]
nulled: mov al, [fs:0x30000]
