; A TSS that is not present takes #NP(selector), one too short #TS(selector): 67h for 32 bits, 2Bh for 16.
; expect: #NP(0060) at=present
; expect: #TS(0060) at=short32
; expect: #TS(0068) at=short16
%include "prelude.inc"
start:
    mov byte [gdt + TSSB + 5], 0x09
    fault present, jmp TSSB:0
    mov byte [gdt + TSSB + 5], 0x89
    mov word [gdt + TSSB], 0x66
    fault short32, jmp TSSB:0
    mov word [gdt + TSSW], 0x2a
    fault short16, call TSSW:0
    done
