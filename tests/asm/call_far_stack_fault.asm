; A far CALL whose push does not fit takes #SS(0) and leaves ESP and CS; so does a near one.
; expect: #SS(0000) at=far_ cs=001b ss=007b esp=00000004
; expect: #SS(0000) at=near_ cs=001b ss=007b esp=00000002
; qemu: SDM 3A 5.3: limits are not checked
; qemu expect: not in time
%include "prelude.inc"
start:
    mov dword [show_what], SHOW_CS | SHOW_SS
    desc S1, 0x30000, 0xff, DATA | DPL3 | B32
    try n1
    to_ring 3, r3
n1: try n2
    to_ring 3, r3b
n2: done
r3: mov eax, S1 | 3
    mov ss, eax
    mov esp, 4
far_: call CODE3:start
r3b: mov eax, S1 | 3
    mov ss, eax
    mov esp, 2
near_: call start
    done
