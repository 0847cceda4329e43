; A handler in conforming code runs at the interrupted level: no stack switch, CS's RPL is the level.
; expect: =0000007b
; expect: =0000fbf4
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x9e | G32
    gate idt_entry(0x30), S1, handler, 0xee
    to_ring 3, r3
r3: int 0x30
handler: mov eax, cs
    int 0x3f
    mov eax, esp
    int 0x3f
    level0
    done
