; I/O breakpoints of each length match any byte of the access; also by INS and OUTS.
; expect: #DB at=byte_in_word dr6=0001
; expect: #DB at=wide dr6=0001
; expect: #DB at=outsb_ dr6=0002
; expect: #DB at=insb_ dr6=0002
%include "prelude.inc"
start:
    cr4_set 8
    mov eax, 0x84
    mov dr0, eax
    mov eax, 0x90
    mov dr1, eax
    mov eax, 0xe0405 | 0x200000 ; DR0: I/O, 4 bytes; DR1: I/O, 1 byte
    mov dr7, eax
    mov ax, 0
    out 0x87, al
byte_in_word: out 0x88, al
    in eax, 0x82
wide: mov edx, 0x90
    mov esi, 0x30000
    mov edi, esi
    outsb
outsb_: insb
insb_: out 0x91, al
    done
