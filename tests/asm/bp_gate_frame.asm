; A data breakpoint on an interrupt's frame traps before the handler's first instruction.
; expect: #DB at=handler dr6=0001
; qemu: SDM 3B 17.3.1.2: it gives up
; qemu expect: ended with -6: ERROR:../../softmmu/cpus.c:502:qemu_mutex_lock_iothread_impl: assertion failed: (!qemu_mutex_iothrea
%include "prelude.inc"
start:
    gate idt_entry(0x30), CODE0, handler, 0x8e
    mov eax, STACK0 - 8
    mov dr0, eax
    mov eax, 0xd0001
    mov dr7, eax
    int 0x30
handler: nop
    done
