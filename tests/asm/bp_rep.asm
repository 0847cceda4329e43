; A data breakpoint on a REP string instruction traps after the iteration that hits, with EIP at it.
; expect: #DB at=rep_ dr6=0001
; expect: ecx=00000002
%include "prelude.inc"
start:
    mov dword [hook], n9
    mov eax, 0x30001
    mov dr0, eax
    mov eax, 0x10001
    mov dr7, eax
    mov edi, 0x30000
    mov ecx, 4
rep_: rep stosb
    show dword [0x31000]
    done
n9: mov eax, [ebp + FRAME_ECX]
    showl "ecx", eax
    done
