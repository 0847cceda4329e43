; An access that begins below a breakpoint and reaches into it hits.
; expect: #DB at=after dr6=0001
%include "prelude.inc"
start:
    mov eax, 0x30004
    mov dr0, eax
    mov eax, 0x10001
    mov dr7, eax
    mov [0x30001], ax
    mov [0x30001], eax
after: nop
    done
