; RETF to level 3 with a bad SS takes #GP(SS), a null one #GP(0), one that is not present #SS(SS); the old stack stays.
; expect: #GP(0010) at=bad
; expect: #GP(0000) at=null_
; expect: #SS(0078) at=present
; qemu: SDM 2B, RET: a stack segment that is not present is #SS
; qemu expect: #GP(0010) at=bad
; qemu expect: #GP(0000) at=null_
; qemu expect: #NP(0078) at=present
%include "prelude.inc"
start:
    desc S1, 0, 0xfffff, 0x73 | G32
    push dword DATA0
    push dword 0x1234
    push dword CODE3
    push dword start
    fault bad, retf
    push dword 0
    push dword 0x1234
    push dword CODE3
    push dword start
    fault null_, retf
    push dword S1 | 3
    push dword 0x1234
    push dword CODE3
    push dword start
    fault present, retf
    done
