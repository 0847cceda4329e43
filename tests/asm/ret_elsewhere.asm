; A function that returned a hundred times to one place returns to another, to where another page is mapped now, and to
; code that was overwritten; the flags that it leaves reach whoever looks at them.
; expect: first=00000064
; expect: carries=00000032
; expect: remapped=00002064
; expect: written=00000365
; expect: first again=00000064
%include "prelude.inc"
start:
    paging
    mov esi, caller
    mov edi, 0x30000
    mov ecx, function - caller
    rep movsb
    mov esi, caller
    mov edi, 0x31000
    mov ecx, function - caller
    rep movsb
    pte 0x400000, 0x30007
    flush
    call hundred
    showl "first", edx
    xor edx, edx
    mov ecx, 100
flags:
    mov eax, ecx
    shl eax, 31
    call function
    adc edx, 0
    loop flags
    showl "carries", edx
    pte 0x400000, 0x31007
    invlpg [0x400000]
    mov ebx, 0x400000
    xor edx, edx
    mov ecx, 99
n1: mov dword [0x31000 + added - caller], 1
    call ebx
    loop n1
    mov dword [0x31000 + added - caller], 0x2001
    call ebx
    showl "remapped", edx
    mov dword [0x31000 + added - caller], 0x301
    mov edx, 0x64
    call ebx
    showl "written", edx
    pte 0x400000, 0x30007
    invlpg [0x400000]
    call hundred
    showl "first again", edx
    done

hundred:
    mov ebx, 0x400000
    xor edx, edx
    mov ecx, 100
n2: call ebx
    loop n2
    ret

; Runs at 400000h.
caller:
    mov eax, function
    call eax
    add edx, strict dword 1
added equ $ - 4
    ret
function:
    add eax, eax
    ret
