; CR4.PSE: a directory entry with PS maps 4 MiB; without CR4.PSE the bit is not looked at.
; expect: dword [0x430000]=12345678
; expect: pde=000000e7
; expect: without=aabbccdd
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x12345678
    cr4_set 0x10
    mov dword [PD + 4], 0x87
    flush
    show dword [0x430000]
    mov [0x430004], eax
    showl "pde", dword [PD + 4]
    mov dword [0x31000], 0xaabbccdd
    mov dword [PT + 0x1000], 0x31007
    mov dword [PD + 4], PT + 0x1087
    mov eax, cr4
    and eax, ~0x10
    mov cr4, eax
    flush
    showl "without", dword [0x400000]
    done
