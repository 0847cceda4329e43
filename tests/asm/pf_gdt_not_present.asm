; A descriptor table in a page that is not present: the load takes #PF with the entry's address; of an IDT, the delivery.
; expect: #PF(0000) at=load cr2=00401018
; expect: fs=00000010
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0x30007
    mov esi, gdt
    mov edi, 0x400000
    mov ecx, 64
    rep movsd
    sgdt [0x31000]
    mov dword [0x31002], 0x400000
    mov word [0x31000], 0x1fff
    lgdt [0x31000]
    pte 0x401000, 0
    flush
    mov eax, DATA0
    mov fs, eax
    mov eax, 0x1018
    fault load, mov fs, eax
    mov eax, fs
    showl "fs", eax
    done
