; Without EFER.NXE bit 63 is reserved: #PF with RSVD for any access.
; expect: #PF(0009) at=read cr2=00300000
; qemu: SDM 3A 4.7: RSVD comes with P
; qemu expect: #PF(0008) at=read cr2=00300000
%include "prelude.inc"
start:
    paging_pae
    pae_pte 0x300000, 0x100007, 0x80000000
    flush
    fault read, mov eax, [0x300000]
    done
