; An interrupt from level 3 to a level-1 handler uses SS1:ESP1, and IRET goes back to level 3.
; expect: =00000029
; expect: =0000f3ec
; expect: =0000001b
%include "prelude.inc"
start:
    mov word [idt_entry(0x3f) + 4], 0xee00
    gate idt_entry(0x30), CODE1, handler, 0xee
    to_ring 3, r3
r3: int 0x30
    mov eax, cs
    int 0x3f
    level0
    done
handler: mov eax, cs
    int 0x3f
    mov eax, esp
    int 0x3f
    iretd
