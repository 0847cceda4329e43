; IRETD in virtual-8086 mode with IOPL 3: an EIP beyond FFFFh is #GP(0).
; expect: #GP(0000) at=iret_
; qemu: SDM 2A IRET: an EIP beyond the limit is #GP(0)
; qemu expect: #GP(0000) at=00001022
; qemu expect: unexpected
; bochs: SDM 2A IRET: an EIP beyond the limit is #GP(0) of IRET
; bochs expect: #GP(0000) at=00010000
%include "prelude.inc"
start:
    try n1
    to_v86 code, VM | IOPL3 | 2
n1: done
bits 16
code: push dword 2
    push dword 0
    push dword 0x10000
iret_: iretd
    hlt
bits 32
    done
