; From level 3 to 0: SS:ESP from the TSS, the old ones pushed first.
; expect: #DE at=bad cs=001b fl=00010202 ss=0023 esp=0000fc00 top=0000e800 ncs=0008 nss=0010 nfl=00000002
; qemu: SDM 3B 17.3.1.1: a fault's frame has RF set
; qemu expect: #DE at=bad cs=001b fl=00000202 ss=0023 esp=0000fc00 top=0000e800 ncs=0008 nss=0010 nfl=00000002
%include "prelude.inc"
start:
    mov dword [show_what], 0x1f
    try n1
    to_ring 3, r3, 0x202
n1: done
r3: xor ecx, ecx
bad: div ecx
    done
