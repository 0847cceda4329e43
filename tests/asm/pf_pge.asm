; CR4.PGE: an entry with G may stay over a CR3 load; it goes by INVLPG or a write of CR4.PGE.
; expect: invlpg=22222222
; expect: cr4=11111111
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x11111111
    mov dword [0x31000], 0x22222222
    cr4_set 0x80
    pte 0x400000, 0x30107
    flush
    mov eax, [0x400000]
    pte 0x400000, 0x31107
    mov eax, cr3
    mov cr3, eax
    invlpg [0x400000]
    showl "invlpg", dword [0x400000]
    pte 0x400000, 0x30107
    mov eax, cr3
    mov cr3, eax
    mov eax, cr4
    and al, ~0x80
    mov cr4, eax
    showl "cr4", dword [0x400000]
    done
