; From virtual-8086 mode: GS, FS, DS, ES, SS:ESP lie above EFLAGS with VM; the data segments are null in the handler.
; expect: #UD at=bad cs=0000 fl=00030202 ss=0000 esp=00000ff0 top=0000e800 ncs=0008 nss=0010 nfl=00000002
; expect: gs=00004444
; expect: fs=00003333
; expect: ds=00000000
; qemu: SDM 3B 17.3.1.1: a fault's frame has RF set
; qemu expect: #UD at=bad cs=0000 fl=00020202 ss=0000 esp=00000ff0 top=0000e800 ncs=0008 nss=0010 nfl=00000002
; qemu expect: gs=00004444
; qemu expect: fs=00003333
; qemu expect: ds=00000000
%include "prelude.inc"
start:
    mov dword [show_what], 0x1f
    mov dword [hook], .hook
    try 0
    to_v86 v86, VM | 0x202
.hook:
    mov eax, [ebp + FRAME_SS + 16]
    showl "gs", eax
    mov eax, [ebp + FRAME_SS + 12]
    showl "fs", eax
    mov eax, gs
    showl "ds", eax
    done
bits 16
v86: mov ax, 0x3333
    mov fs, ax
    mov ax, 0x4444
    mov gs, ax
bad: ud2
