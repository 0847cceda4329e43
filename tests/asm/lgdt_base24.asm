; LGDT with a 16-bit operand size loads 24 bits of the base; SGDT stores what it has.
; expect: base=00345678
%include "prelude.inc"
start:
    sgdt [0x30000]
    mov word [0x30010], 0xff
    mov dword [0x30012], 0x12345678
    o16 lgdt [0x30010]
    sgdt [0x30020]
    lgdt [0x30000]
    showl "base", dword [0x30022]
    done
