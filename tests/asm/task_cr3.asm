; With paging a task switch loads CR3 from the TSS; without, it does not.
; expect: cr3=00020000
; expect: cr3=00028000
; expect: seen=22222222
%include "prelude.inc"
start:
    taskb task, 0
    paging
    mov dword [0x30000], 0x11111111
    mov dword [0x31000], 0x22222222
    cr0_clear 0x80000000
    mov dword [tssb + 0x1c], 0x28000
    jmp TSSB:0
task: mov eax, cr3
    showl "cr3", eax
    mov esi, PD
    mov edi, 0x28000
    mov ecx, 0x800
    rep movsd
    mov dword [0x28000], 0x29007
    mov dword [0x29000 + 0x30 * 4], 0x31007
    cr0_set 0x80000000
    tss_again 0x68, 0x67
    mov byte [gdt + TSSB + 5], 0x89
    mov dword [tssb + 0x20], task2
    jmp TSSB:0
task2: mov eax, cr3
    showl "cr3", eax
    showl "seen", dword [0x30000]
    done
