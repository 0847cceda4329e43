; LOCK is allowed with a memory destination of ADD ... XCHG, BTS, XADD, CMPXCHG8B only: TEST, BT, IMUL, PUSH are #UD.
; expect: #UD at=test_
; expect: #UD at=bt_
; expect: #UD at=push_
; expect: #UD at=src
; qemu: SDM 2A, LOCK: #UD before any other instruction
; qemu expect: #UD at=src
%include "prelude.inc"
start:
    try n1
test_: db 0xf0, 0x85, 0x05, 0, 0, 3, 0
n1: try n2
bt_: db 0xf0, 0x0f, 0xa3, 0x05, 0, 0, 3, 0
n2: try n3
push_: db 0xf0, 0xff, 0x35, 0, 0, 3, 0
n3: try n4
src: db 0xf0, 0x03, 0x05, 0, 0, 3, 0
n4: mov edi, 0x30000
    lock cmpxchg8b [edi]
    lock bts dword [edi], 3
    lock xadd [edi], eax
    lock not dword [edi]
    lock xchg [edi], eax
    done
