; #DF through a task gate: the error code 0 is on the new task's stack; EIP in the old TSS is the instruction's.
; expect: code=00000000
; expect: eip=00000000
; expect: esp=0000e3fc
%include "prelude.inc"
start:
    taskb task, 0
    gate idt_entry(8), TSSB, start, 0x85
    mov byte [idt_entry(13) + 5], 0
    mov eax, 0xfff8
bad: mov fs, eax
task: mov eax, [esp]
    showl "code", eax
    mov eax, [tss + 0x20]
    sub eax, bad
    showl "eip", eax
    show esp
    done
