; REP STOS that reaches the segment's limit has stored what lies below it.
; expect: #GP(0000) at=rep_
; expect: ecx=00000004
; expect: dword [0x3000c]=55555555
; expect: dword [0x30010]=00000000
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: no fault
; qemu expect: ecx=00000000
; qemu expect: dword [0x3000c]=55555555
; qemu expect: dword [0x30010]=55555555
%include "prelude.inc"
start:
    desc S1, 0x30000, 15, DATA | B32
    mov eax, S1
    mov es, eax
    xor edi, edi
    mov ecx, 8
    mov eax, 0x55555555
    fault rep_, rep stosd
    show ecx
    show dword [0x3000c]
    show dword [0x30010]
    done
