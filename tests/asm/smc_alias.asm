; Code patched through another linear address of the same page is seen.
; expect: first=00000011
; expect: second=00000022
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x000011b8
    mov dword [0x30004], 0x9090c300
    pte 0x400000, 0x30007
    flush
    mov ecx, 100
n1: call 0x400000
    loop n1
    showl "first", eax
    mov byte [0x30001], 0x22
    call 0x400000
    showl "second", eax
    done
