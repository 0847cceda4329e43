; #NM: x87 with CR0.EM or TS, WAIT with MP and TS only, MMX with TS; EM makes MMX #UD.
; expect: #NM at=ts
; expect: #NM at=wait_
; expect: quiet=00000001
; expect: #NM at=em
; expect: #NM at=mmx_ts
; expect: #UD at=mmx_em
%include "prelude.inc"
start:
    cr0_clear 0xe
    cr0_set 0xa
    fault ts, fld1
    fault wait_, fwait
    cr0_clear 2
    fwait
    showl "quiet", 1
    cr0_clear 8
    cr0_set 4
    fault em, fld1
    cr0_clear 4
    cr0_set 8
    fault mmx_ts, movd mm0, eax
    cr0_clear 8
    cr0_set 4
    fault mmx_em, movd mm0, eax
    done
