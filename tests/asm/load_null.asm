; A null selector goes into DS and faults when used; SS takes #GP(0) at once; so does CS by a far jump.
; expect: #GP(0000) at=use_
; expect: #GP(0000) at=ss_
; expect: #GP(0000) at=cs_
; qemu: SDM 3A 5.4.1: null segments can be used
; qemu expect: no fault
; qemu expect: #GP(0000) at=ss_
; qemu expect: #GP(0000) at=cs_
%include "prelude.inc"
start:
    xor eax, eax
    mov fs, eax
    fault use_, mov al, [fs:0x30000]
    mov eax, 3
    fault ss_, mov ss, eax
    fault cs_, jmp 0:0x1234
    done
