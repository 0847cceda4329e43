; A second NMI waits until the first one's handler executes IRET, and comes before the interrupted code goes on.
; expect: NMI at=wait_
; expect: still in the first
; expect: NMI at=wait_
; expect: count=00000002
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    mov dword [hook], handler
    send_nmi
wait_: jmp wait_
on: showl "count", dword [count]
    done
handler:
    inc dword [count]
    cmp dword [count], 2
    jae .second
    send_nmi
    mov ecx, 1000
.pause: loop .pause
    say "still in the first"
    ret
.second:
    mov dword [ebp + FRAME_EIP], on
    ret
count: dd 0
