; SYSENTER loads CS:EIP and SS:ESP from the MSRs, clears IF and VM; SYSEXIT returns to level 3 at EDX with ESP ECX.
; expect: cs=00000008
; expect: ss=00000010
; expect: esp=0000e800
; expect: fl=00000002
; expect: INT3e at=after cs=001b fl=00000002 ss=0023 esp=0000fc00
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS | SHOW_FL | SHOW_SS
    idt_dpl3 0x3e
    mov ecx, 0x174
    xor edx, edx
    mov eax, CODE0
    wrmsr
    inc ecx
    mov eax, STACK_K0
    wrmsr
    inc ecx
    mov eax, entry
    wrmsr
    to_ring 3, r3, 0x202
entry: mov eax, cs
    showl "cs", eax
    mov eax, ss
    showl "ss", eax
    show esp
    pushfd
    pop eax
    showl "fl", eax
    mov edx, user_
    mov ecx, STACK3
    sysexit
r3: sysenter
user_: try n1
    int 0x3e
after: nop
n1: done
    done
