; A 16-bit gate from virtual-8086 mode pushes words; the frame has lost VM.
; expect: esp=0000e7ee
; expect: fl=00000002
%include "prelude.inc"
start:
    gate idt_entry(0x30), CODE0, handler, 0xe6
    to_v86 v86, VM | IOPL3 | 2
handler: show esp
    movzx eax, word [esp + 4]
    and eax, 0xfff
    and eax, ~0x8d5
    showl "fl", eax
    done
bits 16
v86: int 0x30
