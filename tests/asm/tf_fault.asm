; A faulting instruction under TF: the fault's frame has TF, no trap comes before it; after the repair the trap comes behind it.
; expect: #DB at=bad dr6=4000
; expect: #DE at=bad
; expect: #DB at=after dr6=4000
; expect: #DB at=after2 dr6=4000
; expect: #DB at=last dr6=4000
%include "prelude.inc"
start:
    mov dword [hook], n9
    mov eax, 10
    xor edx, edx
    xor ecx, ecx
    push dword TF | 2
    popfd
    nop
bad: div ecx
after: push dword 2
after2: popfd
last: nop
    done
n9: test ebx, ebx
    jnz n8
    mov dword [ebp + FRAME_ECX], 3
n8: ret
