; Segments in the LDT load with TI set; the LDT's limit counts.
; expect: fs=00000007
; expect: value=00000099
; expect: #GP(0044) at=beyond
%include "prelude.inc"
start:
    mov eax, LDT
    lldt ax
    ldesc 0, 0x30000, 0xff, DATA | DPL3 | B32
    mov byte [0x30005], 0x99
    mov eax, 7
    mov fs, eax
    mov eax, fs
    showl "fs", eax
    movzx eax, byte [fs:5]
    showl "value", eax
    mov eax, 0x44
    fault beyond, mov gs, eax
    done
