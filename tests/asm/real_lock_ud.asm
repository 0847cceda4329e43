; LOCK before what may not be locked, or a register, is #UD; in real mode as well.
; expect: #UD at=mov_
; expect: #UD at=reg
; expect: #UD at=nop_
; expect: #UD at=cmp_
; expect: dword [0x800]=00000001
; qemu: SDM 2A, LOCK: #UD before any other instruction
; qemu expect: no fault
; qemu expect: #UD at=reg
; qemu expect: #UD at=nop_
; qemu expect: #UD at=cmp_
; qemu expect: dword [0x800]=00000001
%define REAL
%include "prelude.inc"
start:
    fault mov_, lock mov [0x800], ax
    try n1
reg: db 0xf0, 0x01, 0xc0
n1: try n2
nop_: db 0xf0, 0x90
n2: try n3
cmp_: db 0xf0, 0x39, 0x06, 0, 8
n3: mov dword [0x800], 0
    lock inc word [0x800]
    show dword [0x800]
    done
