; A page that was read first gets D at its first write, also when the entry was cached.
; expect: a=00030027
; expect: d=00030067
; expect: again=00030067
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0x30007
    flush
    mov ecx, 100
n1: mov eax, [0x400000]
    loop n1
    showl "a", dword [PT + 0x1000]
    mov [0x400ffc], eax
    showl "d", dword [PT + 0x1000]
    mov dword [PT + 0x1000], 0x30007
    flush
    mov [0x400000], al
    showl "again", dword [PT + 0x1000]
    done
