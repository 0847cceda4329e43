; A CR3 load whose PDPTE is present with reserved bits takes #GP(0) and leaves CR3.
; expect: #GP(0000) at=bad
; expect: cr3=00024000
; qemu: SDM 3A 4.4.1: reserved bits in a PDPTE are #GP(0) at MOV CR3
; qemu expect: no fault
; qemu expect: cr3=00030000
%include "prelude.inc"
start:
    paging_pae
    mov dword [0x30000], PAE_PD + 7
    mov dword [0x30004], 0
    mov eax, 0x30000
    fault bad, mov cr3, eax
    mov eax, cr3
    showl "cr3", eax
    done
