; Any IRET unblocks NMIs: that of an exception within the NMI handler lets the second NMI in there.
; expect: NMI at=wait_
; expect: INT30 at=inner
; expect: NMI at=inner
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
    cmp dword [ebp + FRAME_VEC], 2
    jne return_
    inc dword [count]
    cmp dword [count], 2
    jae second
    send_nmi
    mov ecx, 1000
.pause: loop .pause
    int 0x30

inner: jmp inner
second:
    mov dword [ebp + FRAME_EIP], on
return_:
    ret
count: dd 0
