; A write over a page boundary whose second half faults changes nothing in the first.
; expect: #PF(0003) at=second cr2=00401000
; expect: dword [0x30ffc]=00000000
; expect: #PF(0003) at=first cr2=00400ffe
; expect: dword [0x31000]=00000000
%include "prelude.inc"
start:
    paging 0x10000
    pte 0x400000, 0x30007
    pte 0x401000, 0x31005
    flush
    mov eax, -1
    fault second, mov [0x400ffe], eax
    show dword [0x30ffc]
    pte 0x400000, 0x30005
    pte 0x401000, 0x31007
    flush
    mov eax, -1
    fault first, mov [0x400ffe], eax
    show dword [0x31000]
    done
