; A fault in the middle of REP MOVS leaves the registers at the iteration that faulted.
; expect: #PF(0002) at=rep_ cr2=00031000
; expect: ecx=00000002
; expect: edi=00031000
; expect: esi=00032008
; expect: dword [0x30ffc]=00000009
%include "prelude.inc"
start:
    paging
    pte 0x31000, 0
    flush
    mov dword [0x32004], 9
    mov esi, 0x32000
    mov edi, 0x30ff8
    mov ecx, 4
    fault rep_, rep movsd
    show ecx
    show edi
    show esi
    show dword [0x30ffc]
    done
