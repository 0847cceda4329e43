; The four PDPTEs are read by the CR3 load: a later change is not seen until the next one, not by INVLPG.
; expect: stale=00000077
; expect: #PF(0000) at=after cr2=40000000
; qemu: SDM 3A 4.4.1: PDPTEs are registers, loaded by MOV CR3
; qemu expect: #PF(0000) at=start+49 cr2=40030000
; qemu expect: unexpected
%include "prelude.inc"
start:
    mov dword [0x30000], 0x77
    paging_pae
    mov dword [PDPT + 8], PAE_PD + 1
    flush
    and dword [PDPT + 8], ~1
    invlpg [0x40030000]
    showl "stale", dword [0x40030000]
    flush
    fault after, mov eax, [0x40000000]
    done
