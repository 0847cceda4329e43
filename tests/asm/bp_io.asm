; With CR4.DE a breakpoint of type 2 watches a port: IN and OUT trap behind them.
; expect: #DB at=after dr6=0001
; expect: #DB at=after2 dr6=0001
%include "prelude.inc"
start:
    cr4_set 8
    mov eax, 0x80
    mov dr0, eax
    mov eax, 0x20001
    mov dr7, eax
    out 0x80, al
after: out 0x81, al
    in ax, 0x7f
after2: nop
    done
