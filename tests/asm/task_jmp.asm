; JMP to a TSS: the old one becomes available, the link is not written, NT is the new task's own.
; expect: nt=00000000
; expect: link=00001234
; expect: old=00008900
; expect: new=00008b00
%include "prelude.inc"
start:
    taskb task, 0
    mov word [tssb], 0x1234
    jmp TSSB:0
task: pushfd
    pop eax
    and eax, NT
    showl "nt", eax
    movzx eax, word [tssb]
    showl "link", eax
    mov eax, [gdt + TSS + 4]
    and eax, 0xff00
    showl "old", eax
    mov eax, [gdt + TSSB + 4]
    and eax, 0xff00
    showl "new", eax
    done
