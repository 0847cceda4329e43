; SSE is #UD without CR4.OSFXSR or with CR0.EM, #NM with CR0.TS; #XM needs CR4.OSXMMEXCPT, else #UD.
; expect: #UD at=off
; expect: #NM at=ts
; expect: #UD at=em
; expect: #UD at=no_xm
; expect: #XM at=xm
; qemu: SDM 3A 6.15, interrupt 19: unmasked SSE exceptions are not reported
; qemu expect: #UD at=off
; qemu expect: #NM at=ts
; qemu expect: #UD at=em
; qemu expect: no fault
; qemu expect: no fault
%include "prelude.inc"
start:
    cr0_clear 0xe
    fault off, addps xmm0, xmm1
    cr4_set 0x200
    cr0_set 8
    fault ts, addps xmm0, xmm1
    cr0_clear 8
    cr0_set 4
    fault em, addps xmm0, xmm1
    cr0_clear 4
    mov dword [0x30000], 0x1f00
    ldmxcsr [0x30000]
    xorps xmm0, xmm0
    xorps xmm1, xmm1
    fault no_xm, divps xmm0, xmm1
    cr4_set 0x400
    fault xm, divps xmm0, xmm1
    done
