; A write beyond the limit of a data segment takes #GP(0) and changes nothing, not even its bytes below the limit.
; expect: #GP(0000) at=beyond
; expect: #GP(0000) at=half
; expect: dword [0x3000c]=11223344
; expect: #GP(0000) at=push_
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: dword [0x3000c]=00783344
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 15, DATA | B32
    mov dword [0x3000c], 0x11223344
    mov eax, S1
    mov fs, eax
    fault beyond, mov [fs:16], al
    fault half, mov [fs:14], eax
    show dword [0x3000c]
    fault push_, pop dword [fs:13]
    done
