; When the last iteration hits, EIP is behind the REP instruction.
; expect: #DB at=after dr6=0001
; qemu: SDM 3B 17.3.1.2: the trap is reported behind the access, with EIP at what comes next
; qemu expect: #DB at=start+1a dr6=0001
%include "prelude.inc"
start:
    mov eax, 0x30003
    mov dr0, eax
    mov eax, 0x10001
    mov dr7, eax
    mov edi, 0x30000
    mov ecx, 4
    rep stosb
after: nop
    done
