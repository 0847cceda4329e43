; After INVLPG an entry's change is seen; a change from not present to present needs none.
; expect: #PF(0000) at=np cr2=00400000
; expect: present=11111111
; expect: changed=22222222
%include "prelude.inc"
start:
    paging
    mov dword [0x30000], 0x11111111
    mov dword [0x31000], 0x22222222
    pte 0x400000, 0
    flush
    fault np, mov eax, [0x400000]
    pte 0x400000, 0x30007
    showl "present", dword [0x400000]
    pte 0x400000, 0x31007
    invlpg [0x400000]
    showl "changed", dword [0x400000]
    done
