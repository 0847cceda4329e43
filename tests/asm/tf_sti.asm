; STI holds back interrupts, not traps: its single step comes behind it, and so does the breakpoint on the next instruction.
; expect: #DB at=behind_sti dr6=4000
; expect: #DB at=next dr6=4000
; expect: #DB at=last dr6=4000
; expect: #DB at=done_tf dr6=4000
; expect: #DB at=stop dr6=0001
; qemu: SDM 2B STI: what it holds back is interrupts
; qemu expect: #DB at=next dr6=4000
; qemu expect: #DB at=last dr6=4000
; qemu expect: #DB at=done_tf dr6=4000
; qemu expect: #DB at=stop dr6=0001
%include "prelude.inc"
start:
    push dword TF | 2
    popfd
    sti
behind_sti: nop
next: push dword 2
last: popfd
done_tf:
    mov eax, stop
    mov dr0, eax
    mov eax, 0x402
    mov dr7, eax
    mov dword [set_rf], RF
    sti
stop: nop
    done
