; LAR and LSL: ZF says whether the selector is visible; gates have no limit; VERR and VERW look at type and level.
; expect: lar=00c09300
; expect: lsl=ffffffff
; expect: zf=00000000
; expect: verw=00000000
; expect: verr=00000040
; expect: null=00000000
%include "prelude.inc"
start:
%macro zf 1
    pushfd
    pop eax
    and eax, 0x40
    showl %1, eax
%endmacro
    mov ecx, DATA0
    lar eax, ecx
    and eax, 0xf0ffff ; bits 16-19 are undefined
    showl "lar", eax
    lsl eax, ecx
    showl "lsl", eax
    gate gdt_entry(S1), CODE0, start, 0x8c
    mov ecx, S1
    lsl eax, ecx
    zf "zf"
    mov ecx, CODE0
    verw cx
    zf "verw"
    verr cx
    zf "verr"
    xor ecx, ecx
    lar eax, ecx
    zf "null"
    done
