; Unreal mode: limits of 4 GiB stay in the hidden parts after PE is cleared; loading the register keeps them.
; expect: far=deadbeef
; expect: base=000000ff
; expect: still=deadbeef
%define REAL
%include "prelude.inc"
start:
    cli
    mov ax, 0x3000
    mov fs, ax
    mov dword [fs:0x10], 0xff
    mov eax, cr0
    or al, 1
    mov cr0, eax
    mov ax, DATA0
    mov fs, ax
    mov eax, cr0
    and al, ~1
    mov cr0, eax
    xor ax, ax
    mov fs, ax
    mov dword [fs:dword 0x180000], 0xdeadbeef
    showl "far", dword [fs:dword 0x180000]
    mov ax, 0x3000
    mov fs, ax
    showl "base", dword [fs:0x10]
    xor ax, ax
    mov fs, ax
    showl "still", dword [fs:dword 0x180000]
    done
