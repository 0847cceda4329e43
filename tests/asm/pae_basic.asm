; CR4.PAE: three levels of 8-byte entries; a 2-MiB page by PS without CR4.PSE.
; expect: dword [0x300000]=11111111
; expect: big=11111111
; expect: #PF(0000) at=np cr2=00400000
%include "prelude.inc"
start:
    mov dword [0x100000], 0x11111111
    paging_pae
    pae_pte 0x300000, 0x100007
    flush
    show dword [0x300000]
    mov dword [PAE_PD + 8], 0x87
    flush
    showl "big", dword [0x300000]
    fault np, mov eax, [0x400000]
    done
