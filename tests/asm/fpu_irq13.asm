; Without CR0.NE the exception is IRQ 13, and a write to port F0h ends it.
; expect: IRQ 13
; expect: done=00000001
; qemu: SDM 1 D.2: it gives up
; qemu expect: ended with -6: ERROR:../../accel/tcg/tcg-accel-ops.c:81:tcg_handle_interrupt: assertion failed: (qemu_mutex_iothrea
%include "prelude.inc"
start:
    cr0_clear 0x2e
    mov al, 0x11
    out 0x20, al
    out 0xa0, al
    mov al, 0x20
    out 0x21, al
    mov al, 0x28
    out 0xa1, al
    mov al, 4
    out 0x21, al
    mov al, 2
    out 0xa1, al
    mov al, 1
    out 0x21, al
    out 0xa1, al
    mov al, 0xfb
    out 0x21, al
    mov al, 0xdf
    out 0xa1, al
    mov dword [0xfee000f0], 0x1ff ; a local APIC, where there is one, passes the PIC's interrupts on
    mov dword [0xfee00350], 0x700
    gate idt_entry(0x2d), CODE0, handler, 0x8e
    fninit
    mov word [0x30000], 0x37b
    fldcw [0x30000]
    fld1
    fldz
    fdivp
    sti
    nop
    fwait
    cli
    showl "done", 1
    done
handler: say "IRQ 13"
    fnclex
    xor eax, eax
    out 0xf0, al
    mov al, 0x20
    out 0xa0, al
    out 0x20, al
    iretd
