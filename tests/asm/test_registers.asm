; The 486 has test registers TR3 to TR7, for level 0: MOV to and from them is #GP(0) at level 3; TR0 to TR2 are invalid.
; expect: #UD at=tr2_from
; expect: #UD at=tr2_to
; expect: tr6=00000001
; expect: #GP(0000) at=user_from
; expect: #GP(0000) at=user_to
; qemu: i486 Programmer's Reference 10.5: TR3 to TR7 are there
; qemu expect: #UD at=tr2_from
; qemu expect: #UD at=tr2_to
; qemu expect: #UD at=tr2_to+1d
; qemu expect: unexpected
; bochs: i486 Programmer's Reference 10.5: TR3 to TR7 are there (its CPU here is newer)
; bochs expect: #UD at=tr2_from
; bochs expect: #UD at=tr2_to
; bochs expect: #UD at=tr2_to+1d
; bochs expect: unexpected
; options: -cpu 486
%include "prelude.inc"
%macro user 2+
    try %%next
    to_ring 3, %1
%1: %2
%%next:
%endmacro
start:
    fault tr2_from, db 0x0f, 0x24, 0xd0
    fault tr2_to, db 0x0f, 0x26, 0xd0
    xor eax, eax
    db 0x0f, 0x26, 0xf0 ; MOV TR6, EAX
    db 0x0f, 0x24, 0xf0
    showl "tr6", 1
    user user_from, db 0x0f, 0x24, 0xf0
    user user_to, db 0x0f, 0x26, 0xf0
    done
