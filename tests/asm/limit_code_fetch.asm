; An instruction that lies partly behind the limit of CS takes #GP(0) at its own address; the one before it runs.
; expect: #GP(0000) at=inc_ecx
; expect: dword [0x30000]=00000001
; qemu: SDM 3A 5.3: CS's limit is not checked by fetches
; qemu expect: dword [0x30000]=00000001
%include "prelude.inc"
start:
    desc S1, 0, V(inc_ecx) + 3, CODE | B32
    try n1
    xor eax, eax
    jmp S1:n11
n11: inc eax
    mov [0x30000], eax
    nop
inc_ecx: mov ecx, 0x12345678
n1: show dword [0x30000]
    done
