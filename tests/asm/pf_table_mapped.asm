; A page table that is itself mapped: a store through the mapping changes a translation after INVLPG.
; expect: before=11111111
; expect: after=22222222
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x11111111
    mov dword [0x31000], 0x22222222
    pte 0x400000, 0x30007
    pte 0x500000, PT + 0x1007
    flush
    showl "before", dword [0x400000]
    mov dword [0x500000], 0x31007
    invlpg [0x400000]
    showl "after", dword [0x400000]
    done
