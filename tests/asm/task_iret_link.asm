; IRET with NT: a link that is null, in the LDT or no TSS takes #TS(selector); one not present #NP.
; expect: #TS(0000) at=null_
; expect: #TS(0064) at=ldt_
; expect: #TS(0010) at=data
; expect: #NP(0060) at=present
%include "prelude.inc"
start:
    mov word [tss], 0
    push dword NT
    popfd
    fault null_, iretd
    mov word [tss], TSSB | 4
    push dword NT
    popfd
    fault ldt_, iretd
    mov word [tss], DATA0
    push dword NT
    popfd
    fault data, iretd
    mov word [tss], TSSB
    mov byte [gdt + TSSB + 5], 0x0b
    push dword NT
    popfd
    fault present, iretd
    done
