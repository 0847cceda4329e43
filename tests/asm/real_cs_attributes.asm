; After PE is set and before the far jump the old CS goes on, 16 bits wide; data segments are usable as they were.
; expect: ax=00001234
%define REAL
%include "prelude.inc"
start:
    mov word [0x800], 0x1234
    mov eax, cr0
    or al, 1
    mov cr0, eax
    mov bx, [0x800]
    mov eax, cr0
    and al, ~1
    mov cr0, eax
    movzx eax, bx
    showl "ax", eax
    done
