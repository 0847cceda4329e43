; Code at 100000h with A20 off is the code at 0.
; expect: ebx=00000001
%include "prelude.inc"
start:
    mov dword [0x900], 0xc301b3
    mov dword [0x100900], 0xc302b3
    in al, 0x92
    and al, ~2
    out 0x92, al
    xor ebx, ebx
    mov edx, 0x100900
    call edx
    in al, 0x92
    or al, 2
    out 0x92, al
    show ebx
    done
