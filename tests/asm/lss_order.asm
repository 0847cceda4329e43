; LSS whose selector is bad leaves SS and the register; LDS with a null selector is fine.
; expect: #GP(0018) at=lss_
; expect: ebx=00000001
; expect: ss=00000010
%include "prelude.inc"
start:
    mov dword [0x30000], 0x1234
    mov dword [0x30004], CODE3 & ~3
    mov ebx, 1
    fault lss_, lss ebx, [0x30000]
    show ebx
    mov eax, ss
    showl "ss", eax
    mov dword [0x30004], 0
    lfs ebx, [0x30000]
    done
