; An NMI through a task gate: the link is the old task; its IRET goes back and lets the next one in.
; expect: link=00000058
; expect: still in the first
; expect: link=00000058
; expect: count=00000002
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    taskb task, 0
    gate idt_entry(2), TSSB, start, 0x85
    send_nmi
wait_: cmp dword [count], 2
    jb wait_
    showl "count", dword [count]
    done
task:
    movzx eax, word [tssb]
    showl "link", eax
    inc dword [count]
    cmp dword [count], 2
    jae .return
    send_nmi
    mov ecx, 1000
.pause: loop .pause
    say "still in the first"
.return:
    iretd
    jmp task
count: dd 0
