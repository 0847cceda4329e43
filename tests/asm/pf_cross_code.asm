; An instruction over a page boundary whose second page is missing: CR2 is that page's first byte, EIP the instruction.
; expect: #PF(0000) at=00400ffe cr2=00401000
; expect: eax=11223344
%include "prelude.inc"
start:
    paging
    mov byte [0x30ffe], 0xb8
    mov byte [0x30fff], 0x44
    mov dword [0x31000], 0xc3112233
    pte 0x400000, 0x30007
    pte 0x401000, 0
    flush
    try n1
    mov eax, 0x400ffe
    jmp eax
n1: pte 0x401000, 0x31007
    mov eax, 0x400ffe
    call eax
    show eax
    done
