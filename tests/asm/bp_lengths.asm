; Lengths of 1, 2 and 4 bytes: an access hits if it overlaps; the low bits of the address are ignored for 2 and 4.
; expect: #DB at=byte_ dr6=0001
; expect: #DB at=word_ dr6=0002
; expect: #DB at=dword_ dr6=0004
; expect: #DB at=across dr6=0006
; qemu: SDM 3B 17.2.5: the low bits of the address are ignored by length
; qemu expect: #DB at=byte_ dr6=0001
; qemu expect: #DB at=dword_ dr6=0004
; qemu expect: #DB at=dword_+5 dr6=0004
; qemu expect: #DB at=across dr6=0001
%include "prelude.inc"
start:
    mov eax, 0x30000
    mov dr0, eax
    mov eax, 0x30003
    mov dr1, eax
    mov eax, 0x30006
    mov dr2, eax
    mov eax, 0x15 | (0x1 << 16) | (0x5 << 20) | (0xd << 24)
    mov dr7, eax
    mov [0x30000], al
byte_: mov [0x30001], al
    mov [0x30002], al
word_: mov [0x30007], al
dword_: mov [0x30008], eax
    mov [0x30003], eax
across: nop
    done
