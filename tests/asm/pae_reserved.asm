; Reserved bits of PAE entries (bits 62-52 and beyond the physical address) take #PF with RSVD.
; expect: #PF(0009) at=high cr2=00300000
; expect: #PF(0009) at=bit13 cr2=00200000
; qemu: SDM 3A 4.7: RSVD comes with P
; qemu expect: #PF(0008) at=high cr2=00300000
; qemu expect: #PF(0008) at=bit13 cr2=00200000
%include "prelude.inc"
start:
    paging_pae
    pae_pte 0x300000, 0x100007, 0x40000000
    flush
    fault high, mov eax, [0x300000]
    mov dword [PAE_PD + 8], 0x2087
    flush
    fault bit13, mov eax, [0x200000]
    done
