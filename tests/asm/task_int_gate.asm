; An interrupt through a task gate nests: the link is the old task, IRET resumes behind the INT.
; expect: link=00000058
; expect: back=00000058
%include "prelude.inc"
start:
    taskb task, 0
    gate idt_entry(0x30), TSSB, start, 0x85
    int 0x30
    xor eax, eax
    str ax
    showl "back", eax
    done
task: movzx eax, word [tssb]
    showl "link", eax
    iretd
