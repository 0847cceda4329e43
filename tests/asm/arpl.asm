; ARPL raises the RPL of the destination and sets ZF; in real mode it is #UD.
; expect: ax=00000043
; expect: zf=00000040
; expect: ax=00000043
; expect: #UD at=real
%include "prelude.inc"
start:
    mov ax, 0x40
    mov cx, 0x0b
    arpl ax, cx
    pushfd
    pop ebx
    movzx eax, ax
    showl "ax", eax
    and ebx, 0x40
    showl "zf", ebx
    mov cx, 1
    arpl ax, cx
    showl "ax", eax
    cr0_clear 0
    jmp CODE16:n1
bits 16
n1: mov ax, DATA16
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    and al, ~1
    mov cr0, eax
    jmp 0:n2
n2: xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x1000
    mov word [idt_ptr], 0x3ff
    mov dword [idt_ptr + 2], 0
    lidt [idt_ptr]
    fault real, arpl ax, cx
    done
