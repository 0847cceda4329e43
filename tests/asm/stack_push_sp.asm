; PUSH ESP pushes the value before; POP ESP ends with the popped value; PUSHA pushes the ESP before.
; expect: push=00000000
; expect: pop=00012345
; expect: pusha=00000000
%include "prelude.inc"
start:
    mov ebx, esp
    push esp
    pop eax
    sub eax, ebx
    showl "push", eax
    mov ebp, esp
    push dword 0x12345
    pop esp
    mov eax, esp
    mov esp, ebp
    showl "pop", eax
    pushad
    mov eax, [esp + 12]
    sub eax, ebp
    mov esp, ebp
    showl "pusha", eax
    done
