; An interrupt that is pending waits for the instruction behind MOV SS.
; expect: INT20 at=after
; qemu: SDM 3A 6.8.3: MOV SS inhibits interrupts until the next instruction is done
; qemu expect: INT20 at=start+a
%include "prelude.inc"
start:
    call pic_pit
    mov eax, ss
    sti
    mov ss, eax
    nop
after: cli
    done
%include "irq.inc"
