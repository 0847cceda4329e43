; With A20 off, linear 100000h is 0; on, it is not; port 92h switches.
; expect: off=000000aa
; expect: on=00000055
%include "prelude.inc"
start:
    mov byte [0x800], 0xaa
    mov byte [0x100800], 0x55
    in al, 0x92
    and al, ~2
    out 0x92, al
    movzx eax, byte [0x100800]
    mov ebx, eax
    in al, 0x92
    or al, 2
    out 0x92, al
    showl "off", ebx
    movzx eax, byte [0x100800]
    showl "on", eax
    done
