; SPDX-License-Identifier: MIT
; A Multiboot kernel at WHERE that looks at what it was started with: "FAIL check" lines and "DONE" at port E9h, then isa-debug-exit.
    bits 32
    org WHERE
header:
    dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003)
    dd header, WHERE, 0, end + 16, start
start:
    cmp eax, 0x2badb002
    mov esi, bad_magic
    jne fail
    mov eax, cr0
    and eax, 0x80000001
    cmp eax, 1
    mov esi, bad_mode
    jne fail
    mov byte [0x200010], 0x55       ; A20: an odd and an even MiB are not the same
    mov byte [0x100010], 0xaa
    cmp byte [0x200010], 0x55
    mov esi, bad_a20
    jne fail
    mov eax, [ebx]
    and eax, 0x4d
    cmp eax, 0x4d                   ; memory, command line, modules, map
    mov esi, bad_flags
    jne fail
    mov eax, [ebx + 4]              ; 512 to 640 KiB
    sub eax, 512
    cmp eax, 128
    mov esi, bad_lower
    ja fail
    mov eax, [ebx + 8]              ; of 32 MiB
    sub eax, 30 * 1024
    cmp eax, 1024
    mov esi, bad_upper
    ja fail
    mov esi, bad_module
    cmp dword [ebx + 20], 1
    jne fail
    mov edi, [ebx + 24]
    mov edi, [edi]
    cmp dword [edi], "mod!"
    jne fail
; The map: RAM that begins at 1 MiB, the module within; nothing ends twice.
    mov ecx, [ebx + 44]
    mov edx, [ebx + 48]
    add ecx, edx
    mov esi, bad_map
.next:
    cmp edx, ecx
    jae fail
    cmp dword [edx + 4], 0x100000
    jne .skip
    cmp dword [edx + 20], 1
    jne .skip
    cmp dword [edx + 12], 0x1e00000
    jb fail
    mov esi, done
    call print
    mov al, 0
    out 0xf4, al
.skip:
    add edx, [edx]
    add edx, 4
    jmp .next
fail:
    push esi
    mov esi, failed
    call print
    pop esi
    call print
    mov al, 1
    out 0xf4, al
    hlt
print:
    lodsb
    test al, al
    jz .end
    out 0xe9, al
    jmp print
.end:
    ret
failed: db "FAIL ", 0
done: db "DONE", 10, 0
bad_magic: db "the magic number", 10, 0
bad_mode: db "protected mode without paging", 10, 0
bad_a20: db "A20", 10, 0
bad_flags: db "the flags", 10, 0
bad_lower: db "mem_lower", 10, 0
bad_upper: db "mem_upper", 10, 0
bad_module: db "the module", 10, 0
bad_map: db "the memory map", 10, 0
end:
