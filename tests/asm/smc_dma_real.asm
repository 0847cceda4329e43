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
%include "dma.inc"
start:
    copy code1, HERE, 7
    run_hot "first", 0, 0x3000
    copy code2, HERE, 7
    run_hot "second", 0, 0x3000
    run_hot "by another segment", 0x10, 0x2fff
    copy code3, HERE, 7
    run_hot "by another segment, third", 0x10, 0x2fff
    copy_behind
    done
code1: mov eax, 0x11
    retf
code2: mov eax, 0x22
    retf
code3: mov eax, 0x33
    retf
