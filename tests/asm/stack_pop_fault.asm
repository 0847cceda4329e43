; POP to memory that faults leaves ESP; its address uses ESP after the pop.
; expect: #PF(0002) at=pop_ cr2=00030000
; expect: esp=0000effc
; expect: dword [0x31004]=00000077
%include "prelude.inc"
start:
    paging
    pte 0x30000, 0
    flush
    taskb task, 0
    push dword 0x77
    mov dword [tssb + 0x1c], PD
    fault pop_, pop dword [0x30000]
    mov esp, STACK0
    gate idt_entry(14), TSSB, start, 0x85
    push dword 0x77
    pop dword [0x30000]
task: showl "esp", dword [tss + 0x38]
    mov dword [0x31000], 0x77
    mov esp, 0x31000
    pop dword [esp]
    mov esp, STACKB
    show dword [0x31004]
    done
