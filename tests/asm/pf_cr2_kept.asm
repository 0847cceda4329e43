; CR2 is not changed by other faults.
; expect: #PF(0000) at=pf_ cr2=00030123
; expect: #UD at=ud_
; expect: cr2=00030123
%include "prelude.inc"
start:
    paging
    pte 0x30000, 0
    flush
    fault pf_, mov al, [0x30123]
    fault ud_, ud2
    mov eax, cr2
    showl "cr2", eax
    done
