; NMI in real mode: vector 2 of the IVT, blocked until IRET.
; expect: NMI at=wait_
; expect: NMI at=wait_
; expect: count=00000002
%define REAL
%include "prelude.inc"
start:
    mov eax, cr0 ; FS reaches the local APIC
    or al, 1
    mov cr0, eax
    mov cx, DATA0
    mov fs, cx
    and al, ~1
    mov cr0, eax
    mov dword [fs:dword 0xfee000f0], 0x1ff
    mov dword [hook], handler
    mov dword [fs:dword 0xfee00310], 0
    mov dword [fs:dword 0xfee00300], 0x4400
wait_: jmp wait_
handler:
    inc dword [count]
    cmp dword [count], 2
    jae .second
    mov dword [fs:dword 0xfee00310], 0
    mov dword [fs:dword 0xfee00300], 0x4400
    ret
.second:
    showl "count", dword [count]
    done
count: dd 0
