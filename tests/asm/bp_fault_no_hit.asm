; An instruction that faults after touching a watched place does not report it.
; expect: #GP(0000) at=bad
; expect: dr6=00000000
; qemu: SDM 3A 5.4.1: a null segment cannot be used
; qemu expect: no fault
; qemu expect: dr6=00000000
%include "prelude.inc"
start:
    mov eax, 0x30000
    mov dr0, eax
    mov eax, 0xf0001
    mov dr7, eax
    xor eax, eax
    mov fs, eax
bad0: mov esi, 0x30000
    fault bad, push dword [fs:0]
    mov eax, dr6
    and eax, 0xf
    showl "dr6", eax
    done
