; Two bytes of the bitmap are read: where the second lies beyond the TSS's limit the access takes #GP(0), though its bits are in the first.
; expect: =00000001
; expect: #GP(0000) at=last
; expect: #GP(0000) at=beyond
%include "prelude.inc"
start:
    mov dword [tss + 0x68], 0
    mov dword [tss + 0x6c], 0
    tss_again 0x68, 0x68 + 4
    to_ring 3, r3
r3: in al, 0x1f
    mov eax, 1
    int 0x3f
    level0
    try n1
    to_ring 3, last
n1: try n2
    to_ring 3, beyond
n2: done
last: in al, 0x20
beyond: in al, 0x28
    done
