; #PF while #PF is delivered is #DF(0); CR2 is the second one's address.
; expect: #DF(0000) at=bad
; expect: cr2=00301008
%include "prelude.inc"
start:
    paging
    mov esi, idt
    mov edi, 0x301000 - 13 * 8
    mov ecx, 128
    rep movsd
    mov dword [idt_ptr + 2], 0x301000 - 13 * 8
    lidt [idt_ptr]
    pte 0x301000, 0
    pte 0x30000, 0
    flush
    fault bad, mov eax, [0x30000]
    mov eax, cr2
    showl "cr2", eax
    done
