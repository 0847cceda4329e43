; A data segment's last byte can be read; a read one beyond takes #GP(0), and so does one that is half beyond.
; expect: eax=000000aa
; expect: #GP(0000) at=beyond
; expect: #GP(0000) at=half
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: eax=000000aa
; qemu expect: no fault
; qemu expect: no fault
%include "prelude.inc"
start:
    desc S1, 0x30000, 15, DATA | B32
    mov dword [0x3000f], 0xaa
    mov eax, S1
    mov fs, eax
    movzx eax, byte [fs:15]
    show eax
    fault beyond, mov al, [fs:16]
    fault half, mov eax, [fs:13]
    done
