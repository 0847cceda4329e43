; CALL and JMP to a busy TSS take #GP(selector); IRET to one that is not busy #TS(selector).
; expect: #GP(0058) at=self
; expect: #GP(0058) at=self_jmp
; expect: #TS(0060) at=iret_
%include "prelude.inc"
start:
    fault self, call TSS:0
    fault self_jmp, jmp TSS:0
    mov word [tss], TSSB
    push dword NT
    popfd
    fault iret_, iretd
    done
