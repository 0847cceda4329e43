; PUSHA over a page boundary whose lower page is missing: ESP stays.
; expect: cr2=00400ffc
; expect: esp=00401010
; qemu: SDM 2B, PUSHA leaves open which word faults first
; qemu expect: cr2=00400ff0
; qemu expect: esp=00401010
%include "prelude.inc"
start:
    paging
    pte 0x400000, 0
    pte 0x401000, 0x31007
    flush
    gate idt_entry(14), TSSB, start, 0x85
    taskb task, 0
    mov dword [tssb + 0x1c], PD
    mov esp, 0x401010
    pusha
task: mov eax, cr2
    showl "cr2", eax
    showl "esp", dword [tss + 0x38]
    done
