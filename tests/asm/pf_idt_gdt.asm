; The IDT, GDT and TSS are read with supervisor rights, at level 3 too.
; expect: INT30 at=00030002
%include "prelude.inc"
start:
    paging
    idt_dpl3 0x30
    mov edi, PT
n1: and dword [edi], ~4
    add edi, 4
    cmp edi, PT + 16 * 4
    jb n1
    mov dword [PT + 1 * 4], 0x1007
    mov esi, r3
    mov edi, 0x30000
    mov ecx, 16
    rep movsb
    flush
    push dword DATA3
    push dword 0x38000
    push dword 2
    push dword CODE3
    push dword 0x30000
    try n2
    iretd
n2: done
r3: int 0x30
    nop
    done
