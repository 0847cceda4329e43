; An NMI ends HLT with IF 0; the frame has the address behind it.
; expect: NMI at=after
; expect: on=00000001
; bochs: SDM 3A 10.5.1: LINT0 can deliver NMI
; bochs expect: not in time
%include "prelude.inc"
%include "nmi.inc"
start:
    call apic_on
    mov eax, 0x2000
    call nmi_by_pit
    hlt
after: showl "on", 1
    done
