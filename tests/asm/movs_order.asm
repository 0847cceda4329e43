; A string instruction's source is checked before its destination, and ECX, ESI, EDI stay as they were.
; expect: #GP(0000) at=movs_
; expect: #PF(0000) at=source cr2=00030000
; expect: #PF(0002) at=dest cr2=00031000
; expect: ecx=00000004
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: #PF(0000) at=movs_ cr2=00030000
; qemu expect: #PF(0000) at=source cr2=00030000
; qemu expect: #PF(0002) at=dest cr2=00031000
; qemu expect: ecx=00000004
%include "prelude.inc"
start:
    desc S1, 0, 0xfff, DATA | B32
    mov eax, S1
    mov fs, eax
    paging
    pte 0x30000, 0
    pte 0x31000, 0
    flush
    mov esi, 0x30000
    mov edi, 0x31000
    mov ecx, 4
    fault movs_, fs rep movsd
    fault source, rep movsd
    pte 0x30000, 0x30007
    fault dest, rep movsd
    show ecx
    done
