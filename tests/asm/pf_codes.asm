; #PF's error code: P (protection), W/R, U/S; CR2 is the address.
; expect: #PF(0000) at=read cr2=00030004
; expect: #PF(0002) at=write cr2=00030008
; expect: #PF(0003) at=wp cr2=00031000
; expect: #PF(0005) at=user_super cr2=00032000
; expect: #PF(0007) at=user_ro cr2=00033000
; expect: #PF(0004) at=user_np cr2=00030000
; expect: #PF(0006) at=user_npw cr2=00030ffc
%include "prelude.inc"
start:
    paging 0x10000
    pte 0x30000, 0
    pte 0x31000, 0x31001
    pte 0x32000, 0x32003
    pte 0x33000, 0x33005
    flush
    fault read, mov eax, [0x30004]
    fault write, mov [0x30008], eax
    fault wp, mov [0x31000], eax
%macro user 2+
    try %%next
    to_ring 3, %1
%1: %2
%%next:
%endmacro
    user user_super, mov eax, [0x32000]
    user user_ro, mov [0x33000], eax
    user user_np, mov eax, [0x30000]
    user user_npw, mov [0x30ffc], eax
    done
