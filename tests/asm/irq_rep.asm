; An interrupt in a REP string instruction comes between iterations with EIP at it, and it goes on afterwards.
; expect: INT20 at=rep_
; expect: ecx=00000000
; expect: edi=00000000
; qemu: SDM 2B, REP: an interrupt is taken between iterations
; qemu expect: INT20 at=rep_+2
; qemu expect: ecx=00000000
; qemu expect: edi=00000000
%include "prelude.inc"
start:
    mov dword [hook], n9
    call pic_pit
    mov edi, 0x30000
    mov ecx, 0x10000
    xor eax, eax
    sti
rep_: rep stosb
    cli
    show ecx
    sub edi, 0x40000
    show edi
    done
n9: ret
%include "irq.inc"
