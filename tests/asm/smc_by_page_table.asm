; Code that changes its own page's mapping and flushes runs the other page's bytes next.
; expect: eax=00000002
%include "prelude.inc"
start:
    paging
    mov esi, code
    mov edi, 0x30000
    mov ecx, code_end - code
    rep movsb
    mov esi, code
    mov edi, 0x31000
    mov ecx, code_end - code
    rep movsb
    mov byte [0x31000 + load - code + 1], 2
    pte 0x400000, 0x30007
    flush
    mov ebx, PT + 0x1000
    mov edx, 0x400000
    call edx
    show eax
    done
code: mov dword [ebx], 0x31007
    invlpg [edx]
load: mov eax, 1
    ret
code_end:
