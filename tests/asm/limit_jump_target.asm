; A near jump beyond the limit of CS takes #GP(0) at the jump, not at the target.
; expect: #GP(0000) at=jump
; expect: #GP(0000) at=call
; expect: #GP(0000) at=ret
; expect: #GP(0000) at=jcc
; qemu: SDM 3A 5.3: CS's limit is not checked by near jumps
%include "prelude.inc"
start:
    desc S1, 0, 0xffff, CODE | B32
    jmp S1:n11
n11: fault jump, jmp 0x12345
    jmp S1:n12
n12: mov eax, 0x54321
    fault call, call eax
    jmp S1:n13
n13: push dword 0x10000
    fault ret, ret
    jmp S1:n14
n14: xor eax, eax
    fault jcc, jz near 0x20000
    done
