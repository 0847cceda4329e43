; A trap gate leaves IF as it was.
; expect: #DE at=bad fl=00010202 ncs=0008 nss=0010 nfl=00000202
; qemu: SDM 3B 17.3.1.1: a fault's frame has RF set
; qemu expect: #DE at=bad fl=00000202 ncs=0008 nss=0010 nfl=00000202
%include "prelude.inc"
start:
    mov byte [idt + 5], 0x8f
    mov dword [show_what], SHOW_FL | SHOW_NOW
    xor ecx, ecx
    push dword 0x202
    popfd
    fault bad, div ecx
    done
