; Accesses by one register on both sides of the end of the 4 GiB, and by one that wrapped on its way: each goes to its own
; page, run often enough that every engine is at its fastest.
; expect: below=0004b000
; expect: above=0004b000
; expect: moved=0004b000
; expect: beyond=0004b000
; expect: last=40404040
; expect: first=30303030
%include "prelude.inc"
start:
    paging
    mov dword [PD + 4092], 0x22003     ; FFC00000h: a table
    mov dword [0x22000 + 4092], 0x40003 ; FFFFF000h is 40000h
    pte 0, 0x30003                      ; 0 is 30000h
    flush
    mov edi, 3000
    xor eax, eax
    mov esi, 8
low: mov dword [esi - 8], 0x10
    mov dword [esi - 4], 0x20
    mov dword [esi - 12], 8
    add eax, [esi - 8]
    add eax, [esi - 12]
    sub eax, [esi - 4]
    add eax, 0x6c
    dec edi
    jnz low
    sub eax, 3000 * (0x10 + 8 - 0x20 + 0x6c) - 0x4b000
    showl "below", eax
    mov edi, 3000
    xor eax, eax
    mov esi, 0xfffffff8
high: mov dword [esi + 4], 0x40
    mov dword [esi + 8], 0x50
    mov dword [esi], 0x10
    add eax, [esi + 8]
    add eax, [esi + 4]
    sub eax, [esi]
    dec edi
    jnz high
    sub eax, 3000 * (0x50 + 0x40 - 0x10) - 0x4b000
    showl "above", eax
    mov edi, 3000
    xor eax, eax
over: mov esi, 0xffffffe0
    mov dword [esi], 0x11
    mov dword [esi + 4], 0x22
    add esi, 0x40                       ; wraps
    add eax, [esi - 0x40]
    add eax, [esi - 0x3c]
    dec edi
    jnz over
    sub eax, 3000 * 0x33 - 0x4b000
    showl "moved", eax
    mov edi, 3000
    xor eax, eax
    mov esi, 0xfffffff8                 ; all of them are in page 0, the register is not
ahead: mov dword [esi + 8], 0x11
    mov dword [esi + 12], 0x22
    mov dword [esi + 16], 0x33
    add eax, [esi + 8]
    add eax, [esi + 12]
    dec edi
    jnz ahead
    sub eax, 3000 * 0x33 - 0x4b000
    showl "beyond", eax
    mov esi, 0xfffffffc
    mov dword [esi], 0x40404040
    mov dword [esi + 4], 0x30303030
    mov eax, [0x40ffc]
    showl "last", eax
    mov eax, [0x30000]
    showl "first", eax
    done
