; Code that a floppy read overwrites by the 8237A, where it was executed and translated; also where it is executed through
; another linear address.
; expect: first=00000011
; expect: second=00000022
; expect: alias first=00000011
; expect: alias second=00000022
; bochs: none: tools/bochs-as-qemu.py gives it no floppy here
; options: -drive file=%image%,format=raw,if=floppy,index=0
%include "prelude.inc"
HERE equ 0x30000
%macro load 1 ; label of a sector of this image, to HERE
    mov eax, (%1 - $$) / 512
    call read_sector
%endmacro
start:
    call fdc_start
    load sector1
    run_hot "first", HERE
    load sector2
    run_hot "second", HERE
    paging
    pte 0x400000, HERE | 7
    flush
    load sector1
    run_hot "alias first", 0x400000
    load sector2
    run_hot "alias second", 0x400000
    done
send: ; the byte AL
    push eax
    mov dx, 0x3f4
.wait:
    in al, dx
    and al, 0xc0
    cmp al, 0x80
    jne .wait
    pop eax
    inc edx
    out dx, al
    ret
receive: ; to AL
    mov dx, 0x3f4
.wait:
    in al, dx
    and al, 0xc0
    cmp al, 0xc0
    jne .wait
    inc edx
    in al, dx
    ret
sense: ; SENSE INTERRUPT STATUS: AL is ST0
    mov al, 8
    call send
    call receive
    mov bl, al
    cmp al, 0x80
    je .end
    call receive
.end:
    mov al, bl
    ret
fdc_start:
    mov dx, 0x3f2
    mov al, 0
    out dx, al
    mov al, 0x1c
    out dx, al
    mov dx, 0x3f7
    mov al, 0
    out dx, al
.reset:
    call sense
    cmp al, 0xc3
    jne .reset
    mov al, 3 ; SPECIFY: DMA
    call send
    mov al, 0xaf
    call send
    mov al, 2
    call send
    mov al, 7 ; RECALIBRATE
    call send
    mov al, 0
    call send
.seek:
    call sense
    test al, 0x20
    jz .seek
    ret
read_sector: ; EAX, below 18
    mov [sector], eax
    lea edi, [eax + 1]
    mov al, 6 ; channel 2 masked
    out 0x0a, al
    out 0x0c, al
    mov al, HERE & 0xff
    out 4, al
    mov al, (HERE >> 8) & 0xff
    out 4, al
    mov al, HERE >> 16
    out 0x81, al
    mov al, 0xff
    out 5, al
    mov al, 1
    out 5, al
    mov al, 0x46 ; single, write
    out 0x0b, al
    mov al, 0
    out 8, al
    out 0xd0, al
    mov al, 0xc0 ; cascade
    out 0xd6, al
    mov al, 0
    out 0xd4, al
    mov al, 2
    out 0x0a, al
    mov al, 0xe6
    call send
    mov al, 0
    call send
    mov al, 0
    call send
    mov al, 0
    call send
    mov eax, edi
    call send
    mov al, 2
    call send
    mov al, 18
    call send
    mov al, 0x1b
    call send
    mov al, 0xff
    call send
    mov ecx, 7
    xor ebx, ebx
.result:
    call receive
    cmp ecx, 5
    jb .next
    shl ebx, 8 ; ST0, ST1, ST2
    mov bl, al
.next:
    loop .result
    test ebx, 0xc0ffff
    jz .good
    inc byte [rate] ; which it is depends on what drive an emulator takes for a file of this size
    mov dx, 0x3f7
    mov al, [rate]
    out dx, al
    mov eax, [sector]
    cmp byte [rate], 4
    jb read_sector
    showl "status", ebx
    done
.good:
    ret
sector: dd 0
rate: db 0
align 512
sector1:
    mov eax, 0x11
    ret
align 512
sector2:
    mov eax, 0x22
    ret
align 512
%if sector2 - $$ >= 18 * 512
%error "not on the first track"
%endif
