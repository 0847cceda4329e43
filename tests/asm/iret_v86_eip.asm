; IRET to virtual-8086 mode with EIP beyond FFFFh takes #GP(0) at the IRET.
; expect: #GP(0000) at=iret_ cs=0008
; qemu: SDM 2A, IRET: EIP beyond the limit is #GP(0)
; qemu expect: #GP(0000) at=00000000 cs=0000
; bochs: SDM 2A, IRET: EIP beyond the limit is #GP(0)
; bochs expect: #GP(0000) at=00000000 cs=0000
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS
    times 5 push dword 0
    push dword STACKV
    push dword VM | 2
    push dword 0
    push dword 0x10000
    fault iret_, iretd
    done
