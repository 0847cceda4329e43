; #AC needs CR0.AM, EFLAGS.AC and level 3: error code 0; level 0 does not raise it.
; expect: quiet=00000001
; expect: #AC(0000) at=dword_
; expect: #AC(0000) at=word_
; expect: #AC(0000) at=push_
; qemu: SDM 3A 6.15, interrupt 17: alignment is not checked
; qemu expect: quiet=00000001
; qemu expect: #GP(0000) at=00001442
; qemu expect: #GP(0000) at=00001442
; qemu expect: #GP(0000) at=00001442
%include "prelude.inc"
start:
    cr0_set 0x40000
    push dword AC | 2
    popfd
    mov eax, [0x30001]
    showl "quiet", 1
    try n1
    to_ring 3, dword_, AC | 2
n1: try n2
    to_ring 3, word_, AC | 2
n2: try n3
    to_ring 3, r3, AC | 2
n3: done
dword_: mov eax, [0x30002]
word_: mov ax, [0x30001]
r3: mov esp, 0x30002
push_: push eax
    done
