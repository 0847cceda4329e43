; A read over a page boundary: whichever half is missing gives CR2, the first one's byte or the second page's first.
; expect: #PF(0000) at=second cr2=00401000
; expect: #PF(0000) at=first cr2=00400ffe
; expect: #PF(0000) at=both cr2=00400ffd
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0x30007
    pte 0x401000, 0
    flush
    fault second, mov eax, [0x400ffe]
    pte 0x400000, 0
    pte 0x401000, 0x31007
    flush
    fault first, mov eax, [0x400ffe]
    pte 0x401000, 0
    flush
    fault both, mov eax, [0x400ffd]
    done
