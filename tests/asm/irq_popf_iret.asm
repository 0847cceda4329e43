; POPF and IRET that set IF have no shadow: the interrupt comes before the next instruction.
; expect: INT20 at=after
; expect: INT20 at=after2
%include "prelude.inc"
start:
    mov dword [hook], n9
    call pic_pit
    push dword IF | 2
    popfd
after: nop
    cli
    call pic_pit
    push dword IF | 2
    push dword CODE0
    push dword after2
    iretd
after2: cli
    done
n9: mov al, 0x20
    out 0x20, al
    ret
%include "irq.inc"
