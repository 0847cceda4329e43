; The old TSS gets EIP behind the CALL, EFLAGS, the eight registers and the six selectors; CR3 and LDT are not written.
; expect: eip=00000000
; expect: efl=00000602
; expect: eax=00000001
; expect: esp=0000eff0
; expect: edi=00000007
; expect: fs=00000000
; expect: gs=00000023
; expect: cr3=abcdefff
; expect: ldt=00001230
%include "prelude.inc"
start:
    taskb task, 0
    mov dword [tss + 0x1c], 0xabcdefff
    mov dword [tss + 0x60], 0x1230
    xor eax, eax
    mov fs, eax
    mov eax, DATA3
    mov gs, eax
    mov eax, 1
    mov edi, 7
    mov esp, STACK0 - 16
    push dword 0x602
    popfd
    call TSSB:0
after: nop
task: mov eax, [tss + 0x20]
    sub eax, after
    showl "eip", eax
    showl "efl", dword [tss + 0x24]
    showl "eax", dword [tss + 0x28]
    showl "esp", dword [tss + 0x38]
    showl "edi", dword [tss + 0x44]
    movzx eax, word [tss + 0x58]
    showl "fs", eax
    movzx eax, word [tss + 0x5c]
    showl "gs", eax
    showl "cr3", dword [tss + 0x1c]
    showl "ldt", dword [tss + 0x60]
    done
