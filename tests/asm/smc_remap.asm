; Code whose page is mapped elsewhere runs the new page after INVLPG.
; expect: first=00000011
; expect: second=00000022
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x000011b8
    mov dword [0x30004], 0x9090c300
    mov dword [0x31000], 0x000022b8
    mov dword [0x31004], 0x9090c300
    pte 0x400000, 0x30007
    flush
    mov ecx, 100
n1: call 0x400000
    loop n1
    showl "first", eax
    pte 0x400000, 0x31007
    invlpg [0x400000]
    call 0x400000
    showl "second", eax
    done
