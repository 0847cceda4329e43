; Code that the IDE bus master overwrites, where it was translated; through a page's other linear address too; and by REP INSD.
; expect: first=00000011
; expect: second=00000022
; expect: paged first=00000011
; expect: paged second=00000022
; expect: by INSD=00000011
; bochs: none: tools/bochs-as-qemu.py gives it no disk here
; bochs expect: not in time
; options: -drive file=%image%,format=raw,if=ide,index=0
%include "prelude.inc"
%include "pci.inc"
HERE equ 0x30000
PRD equ 0x31000
BM equ 0xc000
%macro load 1 ; label of a sector of this image, to HERE
    mov eax, (%1 - $$) / 512
    call %%begin
    mov eax, PRD
    mov dx, BM + 4
    out dx, eax
    mov dx, BM + 2
    mov al, 6
    out dx, al
    mov dx, BM
    mov al, 8
    out dx, al
    mov al, 0xc8
    mov dx, 0x1f7
    out dx, al
    mov dx, BM
    mov al, 9
    out dx, al
    mov dx, BM + 2
%%wait:
    in al, dx
    test al, 4
    jz %%wait
    mov dx, BM
    mov al, 0
    out dx, al
    mov dx, 0x1f7
    in al, dx
    jmp %%end
%%begin:
    jmp begin_read
%%end:
%endmacro
start:
    find_class 0x0101
    mov ebp, eax
    pci_write 0x20, BM | 1
    pci_write 4, 5
    mov dword [PRD], HERE
    mov dword [PRD + 4], 0x80000200
    load sector1
    run_hot "first", HERE
    load sector2
    run_hot "second", HERE
    paging
    pte 0x400000, HERE | 7
    flush
    load sector1
    run_hot "paged first", 0x400000
    load sector2
    run_hot "paged second", 0x400000
    mov eax, (sector1 - $$) / 512
    call begin_read
    mov dx, 0x1f7
    mov al, 0x20
    out dx, al
n1: in al, dx
    and al, 0x88
    cmp al, 8
    jne n1
    mov edi, HERE
    mov ecx, 128
    mov dx, 0x1f0
    rep insd
    run_hot "by INSD", 0x400000
    done
begin_read: ; of sector EAX
    push eax
    mov dx, 0x1f6
    mov al, 0xe0
    out dx, al
.wait:
    mov dx, 0x1f7
    in al, dx
    and al, 0xc0
    cmp al, 0x40
    jne .wait
    mov dx, 0x1f2
    mov al, 1
    out dx, al
    pop eax
    inc dx
    out dx, al
    inc dx
    shr eax, 8
    out dx, al
    inc dx
    shr eax, 8
    out dx, al
    ret
align 512
sector1:
    mov eax, 0x11
    ret
align 512
sector2:
    mov eax, 0x22
    ret
align 512
