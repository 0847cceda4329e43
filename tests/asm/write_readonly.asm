; Writing to a read-only data segment or to a code segment takes #GP(0); reading execute-only code too.
; expect: #GP(0000) at=readonly
; expect: #GP(0000) at=code
; expect: #GP(0000) at=xonly
; expect: #GP(0000) at=rmw
; qemu: SDM 3A 5.4: types are not checked by accesses
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x91 | G32
    desc S2, 0, 0xfffff, 0x99 | G32
    mov eax, S1
    mov fs, eax
    fault readonly, mov [fs:0x30000], al
    fault code, mov [cs:0x30000], al
    jmp S2:n1
n1: fault xonly, mov al, [cs:0x30000]
    fault rmw, inc dword [fs:0x30000]
    done
