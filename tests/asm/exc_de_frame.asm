; #DE at level 0 through a 32-bit interrupt gate: three words of 32 bits, IF and TF clear in the handler, RF set in the frame.
; expect: #DE at=bad cs=0008 fl=00010202 top=0000f000 ncs=0008 nss=0010 nfl=00000002
; qemu: SDM 3B 17.3.1.1: a fault's frame has RF set
; qemu expect: #DE at=bad cs=0008 fl=00000202 top=0000f000 ncs=0008 nss=0010 nfl=00000002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS | SHOW_FL | SHOW_TOP | SHOW_NOW
    xor ecx, ecx
    push dword 0x202
    popfd
    fault bad, div ecx
    done
