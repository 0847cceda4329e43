; A data breakpoint on reads and writes.
; expect: #DB at=after dr6=0008
; expect: #DB at=after2 dr6=0008
%include "prelude.inc"
start:
    mov eax, 0x30000
    mov dr3, eax
    mov eax, 0x30000040
    mov dr7, eax
    mov bl, [0x30000]
after: mov [0x30000], bl
after2: mov [0x30001], bl
    done
