; Code in the VGA's linear frame buffer: changed there, through the window at A0000h, and moved with its base address.
; expect: first=00000011
; expect: changed=00000022
; expect: running block=00000044
; expect: by the window=00000055
; expect: elsewhere=00000055
; bochs: none: its VGA is not on PCI here
; bochs expect: no such PCI function
; options: -vga std
%include "prelude.inc"
%include "pci.inc"
LFB equ 0xd0000000
start:
    find_class 0x0300
    mov ebp, eax
    pci_write 0x10, LFB
    pci_write 4, 3
    mov dx, 0x1ce ; VBE: 640 x 480 x 8 with a linear frame buffer
    xor ebx, ebx
.next:
    movzx eax, byte [vbe + ebx * 4]
    out dx, ax
    inc dx
    mov ax, [vbe + ebx * 4 + 2]
    out dx, ax
    dec dx
    inc ebx
    cmp ebx, 6
    jb .next
    mov dword [LFB], 0x000011b8
    mov dword [LFB + 4], 0x9090c300
    run_hot "first", LFB
    mov byte [LFB + 1], 0x22
    run_hot "changed", LFB
    mov esi, within ; it changes an instruction of itself
    mov edi, LFB
    mov ecx, within_end - within
    rep movsb
    mov edi, LFB + within_imm - within
    mov ebx, LFB
    call ebx
    showl "running block", eax
    mov dword [LFB], 0x000011b8
    mov dword [LFB + 4], 0x9090c300
    mov ecx, 50
.again:
    mov ebx, LFB
    call ebx
    loop .again
    mov byte [0xa0001], 0x55
    run_hot "by the window", LFB
    pci_write 0x10, LFB + 0x8000000
    run_hot "elsewhere", LFB + 0x8000000
    done
vbe: dw 4, 0, 1, 640, 2, 480, 3, 8, 5, 0, 4, 0x41
within:
    mov byte [edi], 0x44
    db 0xb8
within_imm:
    dd 0x33
    ret
within_end:
