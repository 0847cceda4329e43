; #PF's error code in every combination: P, W/R, U/S, RSVD, I/D; reserved bits come with P, and before the rights of the page.
; expect: #PF(0000) at=s_read cr2=00300004
; expect: #PF(0002) at=s_write cr2=00300ffc
; expect: #PF(0010) at=00300000 cr2=00300000
; expect: #PF(0003) at=s_readonly cr2=00301000
; expect: #PF(0011) at=00302000 cr2=00302000
; expect: #PF(0009) at=s_reserved cr2=00303000
; expect: #PF(000b) at=s_reserved_write cr2=00303000
; expect: #PF(0019) at=00303000 cr2=00303000
; expect: #PF(0004) at=u_read cr2=00300004
; expect: #PF(0006) at=u_write cr2=00300ffc
; expect: #PF(0014) at=00300000 cr2=00300000
; expect: #PF(0005) at=u_super cr2=00301004
; expect: #PF(0007) at=u_super_write cr2=00301004
; expect: #PF(0007) at=u_readonly cr2=00302000
; expect: #PF(0015) at=00302000 cr2=00302000
; expect: #PF(0015) at=00301000 cr2=00301000
; expect: #PF(000d) at=u_reserved cr2=00303000
; expect: #PF(000f) at=u_reserved_write cr2=00303000
; expect: #PF(001d) at=00303000 cr2=00303000
; expect: #PF(000d) at=u_directory cr2=00200010
; expect: #PF(0005) at=u_super_directory cr2=00200010
; qemu: SDM 3A 4.7: RSVD comes with P
; qemu expect: #PF(0000) at=s_read cr2=00300004
; qemu expect: #PF(0002) at=s_write cr2=00300ffc
; qemu expect: #PF(0010) at=00300000 cr2=00300000
; qemu expect: #PF(0003) at=s_readonly cr2=00301000
; qemu expect: #PF(0011) at=00302000 cr2=00302000
; qemu expect: #PF(0008) at=s_reserved cr2=00303000
; qemu expect: #PF(000a) at=s_reserved_write cr2=00303000
; qemu expect: #PF(0018) at=00303000 cr2=00303000
; qemu expect: #PF(0004) at=u_read cr2=00300004
; qemu expect: #PF(0006) at=u_write cr2=00300ffc
; qemu expect: #PF(0014) at=00300000 cr2=00300000
; qemu expect: #PF(0005) at=u_super cr2=00301004
; qemu expect: #PF(0007) at=u_super_write cr2=00301004
; qemu expect: #PF(0007) at=u_readonly cr2=00302000
; qemu expect: #PF(0015) at=00302000 cr2=00302000
; qemu expect: #PF(0015) at=00301000 cr2=00301000
; qemu expect: #PF(000c) at=u_reserved cr2=00303000
; qemu expect: #PF(000e) at=u_reserved_write cr2=00303000
; qemu expect: #PF(001c) at=00303000 cr2=00303000
; qemu expect: #PF(000c) at=u_directory cr2=00200010
; qemu expect: #PF(0005) at=u_super_directory cr2=00200010
%include "prelude.inc"
%macro user 2+
    try %%next
    to_ring 3, %1
%1: %2
%%next:
%endmacro
%macro fetch 2 ; ring, address
    try %%next
%if %1
    to_ring 3, %2
%else
    jmp %2
%endif
%%next:
%endmacro
start:
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x800
    wrmsr
    paging_pae 0x10000
    pae_pte 0x300000, 0
    pae_pte 0x301000, 0x100001 ; supervisor, read only
    pae_pte 0x302000, 0x100005, 0x80000000 ; user, read only, no execution
    pae_pte 0x303000, 0x100001, 0x40000000 ; a reserved bit
    flush
    fault s_read, mov eax, [0x300004]
    fault s_write, mov [0x300ffc], eax
    fetch 0, 0x300000
    fault s_readonly, mov [0x301000], eax
    fetch 0, 0x302000
    fault s_reserved, mov eax, [0x303000]
    fault s_reserved_write, mov [0x303000], eax
    fetch 0, 0x303000
    user u_read, mov eax, [0x300004]
    user u_write, mov [0x300ffc], eax
    fetch 3, 0x300000
    user u_super, mov eax, [0x301004]
    user u_super_write, mov [0x301004], eax
    user u_readonly, mov [0x302000], eax
    fetch 3, 0x302000
    fetch 3, 0x301000
    user u_reserved, mov eax, [0x303000]
    user u_reserved_write, mov [0x303000], eax
    fetch 3, 0x303000
    mov dword [PAE_PD + 8], 0x2087 ; 2-MiB page with bit 13
    flush
    user u_directory, mov eax, [0x200010]
    mov dword [PAE_PD + 8], 0x83 ; supervisor
    flush
    user u_super_directory, mov eax, [0x200010]
    done
