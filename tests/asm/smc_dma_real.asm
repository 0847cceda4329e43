; Real mode: code that the 8237A overwrites from memory to memory, executed through two segments, and right behind the OUT that
; starts it.
; expect: first=00000011
; expect: second=00000022
; expect: by another segment=00000022
; expect: by another segment, third=00000033
; expect: behind the OUT=00000001
; expect: behind the OUT=00000066
; qemu: 8237A "Memory-to-Memory": its controller has none
; bochs: 8237A "Memory-to-Memory": its controller has none
%define REAL
%include "prelude.inc"
HERE equ 0x30000
%macro run 3 ; text, segment, offset
    mov cx, 60
%%next:
    call %2:%3
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
    copy code1, HERE, 7
    run "first", 0x3000, 0
    copy code2, HERE, 7
    run "second", 0x3000, 0
    run "by another segment", 0x2fff, 0x10
    copy code3, HERE, 7
    run "by another segment, third", 0x2fff, 0x10
    mov word [hot], 60
again:
    mov esi, other
    mov edi, scratch
    mov ecx, 1
    cmp word [hot], 1
    jne .set
    mov edi, behind + 2
.set:
    call dma_set
    out 9, al
behind:
    mov eax, 1
    dec word [hot]
    cmp word [hot], 1
    jne .not_yet
    showl "behind the OUT", eax
.not_yet:
    cmp word [hot], 0
    jne again
    showl "behind the OUT", eax
    done
%include "dma.inc"
hot: dw 0
scratch: db 0
other: db 0x66
code1: mov eax, 0x11
    retf
code2: mov eax, 0x22
    retf
code3: mov eax, 0x33
    retf
