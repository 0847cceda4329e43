; A segment register in virtual-8086 mode is its value times 16, limit FFFFh; a word at FFFFh takes #GP(0), on the stack #SS(0).
; expect: =0000abcd
; expect: #GP(0000) at=word_
; expect: #SS(0000) at=push_
; expect: #SS(0000) at=pop_
; qemu: SDM 3B 20.1.1: the limit of FFFFh is checked
; qemu expect: =0000abcd
; qemu expect: #GP(0000) at=000010a1
; qemu expect: #GP(0000) at=000010a1
; qemu expect: #GP(0000) at=000010a1
%include "prelude.inc"
start:
    mov word [0x30010], 0xabcd
    try n1
    to_v86 v86, VM | IOPL3
n1: try n2
    to_v86 v86a, VM | IOPL3
n2: try n3
    to_v86 v86b, VM | IOPL3
n3: done
bits 16
v86: mov ax, 0x3001
    mov fs, ax
    movzx eax, word [fs:0]
    int 0x3f
word_: mov ax, [fs:0xffff]
v86a: mov sp, 1
push_: push ax
v86b: mov sp, 0xffff
pop_: pop ax
    done
