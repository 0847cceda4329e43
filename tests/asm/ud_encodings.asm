; UD2, UD0 and UD1, MOV CS, LEA of a register, undefined groups are #UD; the saved address is the first prefix's.
; expect: #UD at=ud2_
; expect: #UD at=movcs
; expect: #UD at=lea_
; expect: #UD at=ff7
; expect: #UD at=prefixed
; expect: #UD at=les_
%include "prelude.inc"
start:
    fault ud2_, ud2
    try n1
movcs: db 0x8e, 0xc8
n1: try n2
lea_: db 0x8d, 0xc0
n2: try n3
ff7: db 0xff, 0xf8
n3: try n4
prefixed: db 0x66, 0x2e, 0x0f, 0x0b
n4: try n5
les_: db 0xc4, 0xc0
n5: done
    done
