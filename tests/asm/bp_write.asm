; A data breakpoint on writes traps behind the store; reads and neighbours do not hit.
; expect: #DB at=after dr6=0001 fl=00000002
; expect: dword [0x30000]=00000007
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    mov eax, 0x30000
    mov dr0, eax
    mov eax, 0xd0001
    mov dr7, eax
    mov eax, 7
    mov ebx, [0x30000]
    mov [0x30004], eax
    mov [0x2fffc], eax
    mov [0x30000], eax
after: xor ecx, ecx
    mov dr7, ecx
    show dword [0x30000]
    done
