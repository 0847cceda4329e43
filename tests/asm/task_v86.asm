; A task with VM in its EFLAGS runs in virtual-8086 mode with 8086 segments.
; expect: #UD at=task fl=00030002 ss=0000 esp=00000ff0
; expect: ds=00003000
; qemu: SDM 3B 17.3.1.1: a fault's frame has RF set
; qemu expect: #UD at=task fl=00020002 ss=0000 esp=00000ff0
; qemu expect: ds=00003000
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL | SHOW_SS
    mov dword [hook], .hook
    taskb task, 3
    mov dword [tssb + 0x24], VM | 2
    mov dword [tssb + 0x38], STACKV
    mov dword [tssb + 0x4c], 0
    mov dword [tssb + 0x50], 0
    mov dword [tssb + 0x54], 0x3000
    jmp TSSB:0
.hook: mov eax, [ebp + FRAME_SS + 8]
    showl "ds", eax
    done
bits 16
task: ud2
