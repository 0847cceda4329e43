; MOV SS holds back NMIs too: of many that come in a loop of MOV SS and its next instruction, none is in between.
; expect: between=00000000
; expect: enough=00000001
; qemu: SDM 3A 6.8.3: NMIs are held back as well
; bochs: SDM 3A 10.5.1: LINT0 can deliver NMI
; bochs expect: between=00000000
; bochs expect: enough=00000000
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    gate idt_entry(2), CODE0, nmi, 0x8e
    mov dword [tries], 40
n1: mov eax, [tries] ; another phase each time
    lea eax, [eax + eax * 4 + 20]
    mov byte [came], 0
    call nmi_by_pit
    mov ecx, 200000
    mov edx, ss
n2: mov ss, edx
between:
    nop
    mov ss, edx
between2:
    nop
    cmp byte [came], 0
    jne n3
    loop n2
n3: dec dword [tries]
    jnz n1
    showl "between", dword [wrong]
    xor eax, eax
    cmp dword [count], 40
    sete al
    showl "enough", eax
    done
nmi:
    inc dword [count]
    mov byte [came], 1
    cmp dword [esp], between
    je .wrong
    cmp dword [esp], between2
    je .wrong
    iretd
.wrong:
    inc dword [wrong]
    iretd
tries: dd 0
count: dd 0
wrong: dd 0
came: db 0
