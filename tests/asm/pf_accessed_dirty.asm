; A read sets A in both levels, a write D as well, in the table only; a fault sets nothing.
; expect: read=00030027
; expect: write=00030067
; expect: pde=00022027
; expect: #PF(0003) at=bad cr2=00401000
; expect: ro=00031001
%include "prelude.inc"
start:
    paging 0x10000
    mov dword [PD + 4], PT + 0x1007
    mov dword [PT + 0x1000], 0x30007
    mov dword [PT + 0x1004], 0x31001
    flush
    mov eax, [0x400000]
    showl "read", dword [PT + 0x1000]
    mov [0x400000], eax
    showl "write", dword [PT + 0x1000]
    showl "pde", dword [PD + 4]
    fault bad, mov [0x401000], eax
    showl "ro", dword [PT + 0x1004]
    done
