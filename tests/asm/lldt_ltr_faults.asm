; LLDT wants an LDT in the GDT, LTR an available TSS: #GP(selector) else, #NP if not present; LTR makes it busy, a null LDT is fine.
; expect: #GP(0058) at=not_ldt
; expect: #GP(0074) at=in_ldt
; expect: #NP(0078) at=present
; expect: #GP(0058) at=busy
; expect: #GP(0000) at=null_
; expect: #GP(0010) at=data
; expect: type=00008b00
; qemu: SDM 2A, LTR: a null selector is #GP(0)
; qemu expect: #GP(0058) at=not_ldt
; qemu expect: #GP(0074) at=in_ldt
; qemu expect: #NP(0078) at=present
; qemu expect: #GP(0058) at=busy
; qemu expect: no fault
; qemu expect: #GP(0010) at=data
; qemu expect: type=00008b00
%include "prelude.inc"
start:
    mov eax, TSS
    fault not_ldt, lldt ax
    mov eax, LDT | 4
    fault in_ldt, lldt ax
    desc S1, 0, 0xff, 2
    mov eax, S1
    fault present, lldt ax
    mov eax, TSS
    fault busy, ltr ax
    xor eax, eax
    lldt ax
    fault null_, ltr ax
    mov eax, DATA0
    fault data, ltr ax
    mov eax, TSSB
    ltr ax
    mov eax, [gdt + TSSB + 4]
    and eax, 0xff00
    showl "type", eax
    done
