; CALL to a TSS: the new task has NT, its link names the old one, both are busy, CR0.TS is set; IRET goes back.
; expect: nt=00004000
; expect: link=00000058
; expect: old=00008b00
; expect: new=00008b00
; expect: ts=00000008
; expect: tr=00000060
; expect: tr=00000058
; expect: left=00008900
%include "prelude.inc"
start:
    taskb task, 0
    clts
    call TSSB:0
    xor eax, eax
    str ax
    showl "tr", eax
    mov eax, [gdt + TSSB + 4]
    and eax, 0xff00
    showl "left", eax
    done
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
    mov eax, cr0
    and eax, 8
    showl "ts", eax
    xor eax, eax
    str ax
    showl "tr", eax
    iretd
