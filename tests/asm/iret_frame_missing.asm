; IRET whose frame lies partly in a missing page takes #PF and changes nothing.
; expect: #PF(0004) at=iret_ cr2=00401000
; qemu: SDM 3A 4.6: at level 3 the stack is read with user rights
; qemu expect: #PF(0000) at=iret_ cr2=00401000
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0x30007
    pte 0x401000, 0
    flush
    try n1
    to_ring 3, r3
r3: mov esp, 0x400ff8
iret_: iretd
n1: done
    done
