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
%include "dma.inc"
start:
    copy code1, HERE, 6
    run_hot "first", HERE
    copy code2, HERE, 6
    run_hot "second", HERE
    paging
    pte 0x400000, HERE | 7
    flush
    copy code1, HERE, 6
    run_hot "alias first", 0x400000
    copy code2, HERE, 6
    run_hot "alias second", 0x400000
    copy number, HERE + 1, 1
    run_hot "its immediate alone", 0x400000
    copy code1, SPLIT, 6
    run_hot "across pages", SPLIT
    copy one, SPLIT + 2, 1
    run_hot "second page alone", SPLIT
    copy_behind
    done
number: db 0x44
one: db 1
code1: mov eax, 0x11
    ret
code2: mov eax, 0x22
    ret
