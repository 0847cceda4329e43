; IRET sets RF from the image; the next instruction's completion clears it.
; expect: INT30 at=after fl=00000002
; expect: INT30 at=after2 fl=00000002
; qemu: SDM 3B 17.3.1.1: RF is cleared by the next instruction
; qemu expect: INT30 at=after fl=00010002
; qemu expect: INT30 at=after2 fl=00000002
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_FL
    push dword 0x10002
    push dword CODE0
    push dword n1
    iretd
n1: int 0x30
after: push dword 0x10002
    push dword CODE0
    push dword n2
    iretd
n2: nop
    int 0x30
after2: done
    done
