; ENTER with levels copies frame pointers; one whose stack faults changes neither ESP nor EBP.
; expect: esp=0000efe8
; expect: ebp=0000effc
; expect: #PF(0006) at=enter_ cr2=00402000
%include "prelude.inc"
start:
    mov ebp, 0x31010
    enter 8, 3
    mov eax, esp
    mov ebx, ebp
    mov esp, STACK0
    showl "esp", eax
    showl "ebp", ebx
    paging
    pte 0x402000, 0
    flush
    try n1
    to_ring 3, r3
r3: mov esp, 0x402004
    mov ebp, esp
enter_: enter 0, 0
n1: done
    done
