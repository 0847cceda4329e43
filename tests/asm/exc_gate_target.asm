; A gate's code segment: null #GP(0), data #GP(selector), not present #NP, less privileged #GP; each with EXT for an exception.
; expect: #GP(0000) at=null
; expect: #GP(0010) at=data
; expect: #NP(0078) at=present
; expect: #GP(0018) at=outer
; expect: #GP(0001) at=null_ext
; expect: #GP(0011) at=data_ext
; qemu: SDM 3A 6.13: EXT is set when an exception was being delivered
; qemu expect: #GP(0000) at=null
; qemu expect: #GP(0010) at=data
; qemu expect: #NP(0078) at=present
; qemu expect: #GP(0018) at=outer
; qemu expect: #GP(0000) at=null_ext
; qemu expect: #GP(0010) at=data_ext
%include "prelude.inc"
start:
    gate idt_entry(0x30), 0, start, 0x8e
    gate idt_entry(0x31), DATA0, start, 0x8e
    desc S1, 0, 0xfffff, 0x1a | G32
    gate idt_entry(0x32), S1, start, 0x8e
    gate idt_entry(0x33), CODE3, start, 0x8e
    gate idt_entry(6), 0, start, 0x8e
    gate idt_entry(5), DATA0, start, 0x8e
    fault null, int 0x30
    fault data, int 0x31
    fault present, int 0x32
    fault outer, int 0x33
    fault null_ext, ud2
    mov eax, 1
    fault data_ext, bound eax, [zeros]
    done
zeros: dd 0, 0
