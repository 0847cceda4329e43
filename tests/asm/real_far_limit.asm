; Real mode: far jumps, far calls, returns and vectors beyond 64 KiB of offset are #GP; so is IRETD in virtual-8086 mode.
; expect: #GP at=jump
; expect: #GP at=call_
; expect: #GP at=retf_
; expect: #GP at=iret_
; qemu: SDM 2A JMP: an offset beyond the limit is #GP
; qemu expect: not in time
%define REAL
%include "prelude.inc"
start:
    mov dword [resume], n1
jump: jmp dword 0:0x10000
n1: mov dword [resume], n2
call_: call dword 0:0x10000
n2: mov dword [resume], n3
    push dword 0
    push dword 0x10000
retf_: o32 retf
n3: mov dword [resume], n4
    push dword 2
    push dword 0
    push dword 0x10000
iret_: iretd
n4: done
