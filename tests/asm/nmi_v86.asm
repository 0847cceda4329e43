; An NMI in virtual-8086 mode goes through the IDT to level 0; its IRET returns to that mode and unblocks the next.
; expect: NMI at=wait_ fl=00020002
; expect: NMI at=wait_ fl=00020002
; expect: count=00000002
; bochs: SDM 3A 10.5.1: LINT0 can deliver NMI
; bochs expect: not in time
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    mov byte [show_what], SHOW_FL
    mov dword [hook], handler
    mov eax, 0x3000
    call nmi_by_pit
    to_v86 wait_
handler:
    inc dword [count]
    cmp dword [count], 2
    jae second
    send_nmi
    ret
second:
    showl "count", dword [count]
    done
wait_: jmp short wait_
count: dd 0
