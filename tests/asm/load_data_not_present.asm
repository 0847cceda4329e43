; A segment that is not present takes #NP(selector), or #SS(selector) for SS; rights come before presence.
; expect: #NP(0078) at=fs_
; expect: #SS(0078) at=ss_
; expect: #GP(0080) at=rights
%include "prelude.inc"
start:
    desc S1, 0, 0xffff, 0x13 | B32
    desc S2, 0, 0xffff, 0x18 | B32
    mov eax, S1
    fault fs_, mov fs, eax
    fault ss_, mov ss, eax
    mov eax, S2
    fault rights, mov fs, eax
    done
