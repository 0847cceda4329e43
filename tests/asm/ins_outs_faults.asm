; INS to memory that cannot be written faults before the port is read; OUTS beyond the limit before it is written; the permission comes first.
; expect: #GP(0000) at=outs_
; expect: #GP(0000) at=denied
; expect: #PF(0002) at=ins_ cr2=00030000
; expect: ecx=00000002
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: no fault
; qemu expect: #GP(0000) at=denied
; qemu expect: #PF(0002) at=ins_ cr2=00030000
; qemu expect: ecx=00000002
%include "prelude.inc"
start:
    desc S1, 0x30000, 0, DATA | B32
    mov eax, S1
    mov fs, eax
    mov esi, 1
    mov edx, 0x80
    fault outs_, fs outsb
    try n1
    to_ring 3, denied
n1: paging
    pte 0x30000, 0
    flush
    mov edi, 0x30000
    mov ecx, 2
    fault ins_, rep insb
    show ecx
    done
denied: insb
