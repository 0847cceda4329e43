; A 4-MiB page with bit 21 set takes #PF with RSVD.
; expect: #PF(0009) at=bad cr2=00400000
; qemu: SDM 3A 4.7: RSVD comes with P
; qemu expect: #PF(0008) at=bad cr2=00400000
%include "prelude.inc"
start:
    paging
    cr4_set 0x10
    mov dword [PD + 4], 0x200087
    flush
    fault bad, mov eax, [0x400000]
    done
