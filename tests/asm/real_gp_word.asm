; In real mode a word at FFFFh takes #GP, without an error code; on the stack #SS.
; expect: #GP at=word_
; expect: #GP at=dword_
; expect: #SS at=bp_
; qemu: SDM 3B 20.1.1: the limit of FFFFh is checked
; qemu expect: no fault
; qemu expect: no fault
; qemu expect: no fault
%define REAL
%include "prelude.inc"
start:
    fault word_, mov ax, [0xffff]
    fault dword_, mov eax, [0xfffd]
    mov bp, 0xffff
    fault bp_, mov ax, [bp]
    done
