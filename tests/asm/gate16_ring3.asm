; A 16-bit interrupt gate from level 3 pushes SS, SP, FLAGS, CS, IP as words on the level-0 stack, whose ESP drops by 10.
; expect: esp=0000e7f6
; expect: ip=00000000
; expect: cs=0000001b
; expect: sp=0000fc00
; expect: ss=00000023
%include "prelude.inc"
start:
    gate idt_entry(0x30), CODE0, handler, 0xe6
    to_ring 3, r3
r3: int 0x30
after: hlt
handler: show esp
    movzx eax, word [esp]
    sub eax, after
    showl "ip", eax
    movzx eax, word [esp + 2]
    showl "cs", eax
    movzx eax, word [esp + 6]
    showl "sp", eax
    movzx eax, word [esp + 8]
    showl "ss", eax
    done
