; An NMI and an interrupt that become possible together, by one IRET: the NMI comes first.
; expect: NMI at=wait_
; expect: NMI at=wait_
; expect: INT20 at=wait_
; expect: count=00000003
%include "prelude.inc"
%include "nmi.inc"
start:
    call pic_pit
    call apic_on
    mov dword [hook], handler
    send_nmi
wait_: jmp wait_
on: showl "count", dword [count]
    done
handler:
    inc dword [count]
    cmp dword [count], 2
    je .second
    ja .third
    send_nmi
    mov ecx, 1000
.pause: loop .pause
    or dword [ebp + FRAME_FL], IF
.second:
    ret
.third:
    and dword [ebp + FRAME_FL], ~IF
    mov dword [ebp + FRAME_EIP], on
    ret
count: dd 0
%include "irq.inc"
