; With CR0.WP clear the supervisor writes read-only pages, and the user does not.
; expect: dword [0x31000]=00000055
; expect: #PF(0007) at=user_ cr2=00031000
%include "prelude.inc"
start:
    paging
    pte 0x31000, 0x31005
    flush
    mov dword [0x31000], 0x55
    show dword [0x31000]
    try n1
    to_ring 3, user_
user_: mov [0x31000], eax
n1: done
    done
