; A stack access beyond the limit of SS takes #SS(0), also by MOV through EBP; with another segment it is #GP(0).
; expect: #SS(0000) at=pop_
; expect: #SS(0000) at=push_
; expect: #SS(0000) at=mov_
; expect: #GP(0000) at=other
; qemu: SDM 3A 5.3: limits are not checked
%include "prelude.inc"
start:
    desc S1, 0x30000, 0xff, DATA | DPL3 | B32
    try n1
    to_ring 3, r3
n1: try n2
    to_ring 3, r3b
n2: try n3
    to_ring 3, r3c
n3: mov eax, S1
    mov fs, eax
    mov ebp, 0x100
    fault other, mov bl, [fs:ebp]
    done
r3: mov eax, S1 | 3
    mov ss, eax
    mov esp, 0xfd
pop_: pop ebx
r3b: mov eax, S1 | 3
    mov ss, eax
    mov esp, 0x200
push_: push ebx
r3c: mov eax, S1 | 3
    mov ss, eax
    mov ebp, 0x100
mov_: mov bl, [ebp]
