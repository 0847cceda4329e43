; The directory's U and W bits count as well as the table's.
; expect: #PF(0007) at=user_w cr2=00400000
; expect: #PF(0005) at=user_s cr2=00400000
; expect: #PF(0000) at=np cr2=00400123
%include "prelude.inc"
start:
    paging 0x10000
    mov dword [PT + 0x1000], 0x30007
    mov dword [PD + 4], PT + 0x1005
    flush
    try n1
    to_ring 3, user_w
n1: mov dword [PD + 4], PT + 0x1003
    flush
    try n2
    to_ring 3, user_s
n2: mov dword [PD + 4], 0
    flush
    fault np, mov al, [0x400123]
    done
user_w: mov [0x400000], eax
user_s: mov eax, [0x400000]
