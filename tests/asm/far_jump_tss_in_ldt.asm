; A TSS descriptor in an LDT is not one: JMP takes #GP(selector).
; expect: #GP(0004) at=jump
; qemu: SDM 2A, JMP: a TSS in an LDT is #GP(selector)
; qemu expect: #TS(0004) at=jump
%include "prelude.inc"
start:
    mov eax, LDT
    lldt ax
    ldesc 0, V(tssb), 0x67, 0x89
    fault jump, jmp 4:0
    done
