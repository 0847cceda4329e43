; Code that the 8237A overwrites, from memory to memory, where it was executed and translated: at its own address, where it is
; executed through another linear address, in the middle of an instruction, across pages, and right behind the OUT that starts it.
; expect: first=00000011
; expect: second=00000022
; expect: alias first=00000011
; expect: alias second=00000022
; expect: its immediate alone=00000044
; expect: across pages=00000011
; expect: second page alone=00000111
; expect: behind the OUT=00000001
; expect: behind the OUT=00000066
; qemu: 8237A "Memory-to-Memory": its controller has none
; bochs: 8237A "Memory-to-Memory": its controller has none
%include "prelude.inc"
HERE equ 0x30000
SPLIT equ 0x32ffe ; MOV and the low byte of what it moves; three bytes and RET lie in the next page
%macro run 2 ; text, address
    mov ecx, 60
%%next:
    mov ebx, %2
    call ebx
    loop %%next
    showl %1, eax
%endmacro
%macro copy 3 ; from, to, bytes
    mov esi, %1
    mov edi, %2
    mov ecx, %3
    call dma_copy
%endmacro
start:
    copy code1, HERE, 6
    run "first", HERE
    copy code2, HERE, 6
    run "second", HERE
    paging
    pte 0x400000, HERE | 7
    flush
    copy code1, HERE, 6
    run "alias first", 0x400000
    copy code2, HERE, 6
    run "alias second", 0x400000
    copy number, HERE + 1, 1
    run "its immediate alone", 0x400000
    copy code1, SPLIT, 6
    run "across pages", SPLIT
    copy one, SPLIT + 2, 1
    run "second page alone", SPLIT
    mov dword [hot], 60
again:
    mov esi, number ; the same byte that is there, until the last turn
    mov edi, scratch
    mov ecx, 1
    cmp dword [hot], 1
    jne .set
    mov esi, other
    mov edi, behind + 1
.set:
    call dma_set
    out 9, al
behind:
    mov eax, 1
    dec dword [hot]
    cmp dword [hot], 1
    jne .not_yet
    showl "behind the OUT", eax
.not_yet:
    cmp dword [hot], 0
    jne again
    showl "behind the OUT", eax
    done
%include "dma.inc"
hot: dd 0
scratch: db 0
number: db 0x44
one: db 1
other: db 0x66
code1: mov eax, 0x11
    ret
code2: mov eax, 0x22
    ret
