; An interrupt in the NMI handler, which enables them: its IRET unblocks NMIs although that handler goes on.
; expect: NMI at=wait_
; expect: INT20 at=inner
; expect: NMI at=inner
; expect: count=00000003
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    mov dword [hook], handler
    call pic_pit
    send_nmi
wait_: jmp wait_
on: showl "count", dword [count]
    done
handler:
    inc dword [count]
    cmp dword [count], 2
    je second
    ja third
    send_nmi
    mov ecx, 1000
.pause: loop .pause
    sti
inner: jmp inner
second:
    mov al, 0xff
    out 0x21, al
    and dword [ebp + FRAME_FL], ~IF
    ret
third:
    mov dword [ebp + FRAME_EIP], on
    ret
count: dd 0
%include "irq.inc"
