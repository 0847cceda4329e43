; EFER.NXE: a fetch from a page with XD takes #PF with I/D (bit 4); reads are fine.
; expect: data=000000c3
; expect: #PF(0011) at=00300000 cr2=00300000
; expect: #PF(0010) at=00301000 cr2=00301000
%include "prelude.inc"
start:
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x800
    wrmsr
    paging_pae
    mov dword [0x100000], 0xc3
    pae_pte 0x300000, 0x100007, 0x80000000
    pae_pte 0x301000, 0
    flush
    showl "data", dword [0x300000]
    try n1
    jmp 0x300000
n1: try n2
    jmp 0x301000
n2: done
    done
