; More rights given to an entry are seen at the retried access without INVLPG.
; expect: #PF(0003) at=first cr2=00400000
; expect: dword [0x400000]=00000007
%include "prelude.inc"
start:
    paging 0x10000
    pte 0x400000, 0x30001
    flush
    mov eax, 7
    fault first, mov [0x400000], eax
    pte 0x400000, 0x30003
    mov [0x400000], eax
    show dword [0x400000]
    done
