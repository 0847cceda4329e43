; A page that was called a hundred times through a link becomes NX where it lay: the next call takes #PF with I/D.
; A second mapping of the same page, NX from the start, may be read before and after.
; expect: calls=00000064
; expect: data=c340c340
; expect: #PF(0011) at=00300000 cr2=00300000
; expect: calls=00000064
; expect: data=c340c340
; expect: #PF(0011) at=00301000 cr2=00301000
; expect: calls=00000065
%include "prelude.inc"
start:
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x800
    wrmsr
    paging_pae
    mov dword [0x100000], 0xc340c340    ; INC EAX; RET
    pae_pte 0x300000, 0x100007
    pae_pte 0x301000, 0x100007, 0x80000000
    flush
    mov ebx, [0x301000]
    xor eax, eax
    mov esi, 0x300000
    mov edi, 100
again:
    call esi
    dec edi
    jnz again
    mov ebp, eax
    showl "calls", ebp
    showl "data", dword [0x301000]
    pae_pte 0x300000, 0x100007, 0x80000000
    flush
    try n1
    mov eax, ebp
    call esi
n1:
    showl "calls", ebp
    showl "data", dword [0x301000]
    try n2
    jmp 0x301000
n2:
    pae_pte 0x300000, 0x100007
    flush
    mov eax, ebp
    call esi
    showl "calls", eax
    done
