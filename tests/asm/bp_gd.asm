; DR7.GD: an access to a debug register faults with DR6.BD; the handler runs with GD clear.
; expect: #DB at=bad dr6=2000
; expect: dr7=00000400
; qemu: SDM 3B 17.2.4: DR7.GD is not looked at
; qemu expect: no fault
; qemu expect: dr7=00002400
%include "prelude.inc"
start:
    mov eax, 0x2000
    mov dr7, eax
    fault bad, mov eax, dr0
    mov eax, dr7
    showl "dr7", eax
    done
