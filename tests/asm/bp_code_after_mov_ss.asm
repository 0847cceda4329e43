; A code breakpoint on the instruction behind MOV SS is suppressed.
; expect: ss=00000010
; qemu: SDM 3A 6.8.3: MOV SS inhibits breakpoints until the next instruction is done
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
; qemu expect: #DB at=here dr6=0001
%include "prelude.inc"
start:
    mov eax, here
    mov dr0, eax
    mov eax, 1
    mov dr7, eax
    mov ax, ss
    mov ss, ax
here: nop
    mov eax, ss
    showl "ss", eax
    done
