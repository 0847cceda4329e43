; The same with #TS through a task gate: its error code has EXT as the event was an exception.
; expect: code=00000001
; expect: cs=0000001b
; qemu: SDM 3A 6.13: EXT is set when an exception was being delivered
; qemu expect: code=00000000
; qemu expect: cs=0000001b
%include "prelude.inc"
start:
    taskb task, 0
    gate idt_entry(10), TSSB, start, 0x85
    mov dword [tss + 8], 0
    to_ring 3, r3
r3: ud2
task: mov eax, [esp]
    showl "code", eax
    movzx eax, word [tss + 0x4c]
    showl "cs", eax
    done
