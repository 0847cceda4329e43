; A TSS too short to hold SS:ESP of the level takes #TS(TSS selector).
; expect: #TS(0058) at=call_
%include "prelude.inc"
start:
    gate gdt_entry(S1), CODE1, start, 0xec
    mov word [gdt + TSS], 16
    mov byte [gdt + TSS + 5], 0x89
    mov eax, TSS
    ltr ax
    try n1
    to_ring 3, call_
n1: done
call_: call S1:0
    done
