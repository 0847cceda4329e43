/* SPDX-License-Identifier: MIT */
/*
 * INT 15h: A20, the keyboard hook, waits, block moves, memory size, the configuration table, the
 * PS/2 pointer and APM.
 */
#include "bios.h"

extern ROM u8 config_table[];

/* From the CMOS: 34h/35h count 64 KiB from 16 MiB up, 30h/31h KiB from 1 MiB to 64 MiB. */
u32 memory_above(void)
{
    u32 high = cmos_read(0x34) | cmos_read(0x35) << 8;
    u32 low = cmos_read(0x30) | cmos_read(0x31) << 8;

    return (high ? high * 64 + 15 * 1024 : low) - acpi_ram_kb();
}

/* ---- A20 ---- */

void a20_set(int on)
{
    u8 v = inb(0x92);

    if (!(v & 0x02) == !!on) {
        outb(on ? (v | 0x02) & ~1 : v & ~0x03, 0x92);
    }
}

int a20_get(void)
{
    return inb(0x92) >> 1 & 1;
}

static void a20_call(struct regs *r)
{
    set_cf(r, 0);
    switch (r->al) {
    case 0: a20_set(0); break;
    case 1: a20_set(1); break;
    case 2: r->al = a20_get(); break;
    case 3: r->bx = 3; break; /* by the keyboard controller and by port 92h */
    default:
        set_cf(r, 1);
        r->ah = 0x86;
        return;
    }
    r->ah = 0;
}

/* ---- waits by the clock chip's 1024 Hz interrupt ---- */

static int wait_start(u32 flag, u32 us)
{
    if (BDA->wait_active) {
        return 0;
    }
    BDA->wait_active = 1;
    BDA->wait_flag_ptr = flag;
    BDA->wait_count = us;
    outb(inb(0xa1) & 0xfe, 0xa1);
    cmos_write(0x0a, 0x26);
    cmos_read(0x0c);
    cmos_write(0x0b, cmos_read(0x0b) | 0x40);
    return 1;
}

static void wait_call(struct regs *r)
{
    u32 us = (u32)r->cx << 16 | r->dx;

    /* Short waits by the refresh toggle, as exact as 15 us; long ones let interrupts in and sleep.
     */
    if (BDA->wait_active) {
        set_cf(r, 1);
        r->ah = 0x83;
        return;
    }
    set_cf(r, 0);
    if (us > 3000) {
        /* 40:A0 bit 7, which the interrupt sets when the time is over */
        if (wait_start(FAR(0x40, 0xa0), us)) {
            BDA->wait_active = 1;
            while (!(BDA->wait_active & 0x80)) {
                wait_irq();
            }
            BDA->wait_active = 0;
        }
        return;
    }
    for (u32 n = us / 15 + 1; n; n--) {
        delay_15us(1);
        if (!(n & 15)) {
            let_irqs();
        }
    }
}

/* ---- AH=87h ---- */

static void descriptor(u32 seg, u32 off, u32 base, u8 access)
{
    poke16(seg, off, 0xffff);
    poke32(seg, off + 2, (base & 0xffffff) | (u32)access << 24);
    poke16(seg, off + 6, 0);
}

static void move_call(struct regs *r)
{
    int a20 = a20_get();
    u32 table = ((u32)r->es << 4) + r->si;

    descriptor(r->es, r->si + 8, table, 0x93);
    poke16(r->es, r->si + 8, 0x2f);
    descriptor(r->es, r->si + 0x20, 0xf0000, 0x9b);
    descriptor(r->es, r->si + 0x28, (u32)BDA->ebda_seg << 4, 0x93);
    a20_set(1);
    block_move(table, (u32)r->cx * 2);
    if (!a20) {
        a20_set(0);
    }
    r->ah = 0;
    set_cf(r, 0);
    r->flags |= FLAG_ZF;
}

/* AH=89h: stays in protected mode with the caller's tables; returns to the caller there. */
static void protected_call(struct regs *r)
{
    /* A caller of this 286 service goes on in its own code segment (entry 7 of its table): nobody
     * has been seen to use it. */
    r->ah = 0x86;
    set_cf(r, 1);
}

/* ---- memory map ---- */

struct range {
    u32 base, length, type;
};

static int e820_range(u32 n, struct range *out)
{
    u32 above = memory_above() * 1024;
    u32 lower = (u32)BDA->mem_kb * 1024;
    u32 kb_top = 0x100000 + above;

    switch (n) {
    case 0: *out = (struct range){0, lower, 1}; return 1;
    case 1: *out = (struct range){lower, 0xa0000 - lower, 2}; return 1;
    case 2: *out = (struct range){0xf0000, 0x10000, 2}; return 1;
    case 3: *out = (struct range){0x100000, kb_top - 0x100000, 1}; return 1;
    case 4: *out = (struct range){kb_top, acpi_ram_kb() * 1024, 4}; return 1; /* the FACS */
    case 5: *out = (struct range){0xffff0000, 0x10000, 2}; return 1;
    default: return 0;
    }
}

static void e820_call(struct regs *r)
{
    struct range m;
    u32 n = r->ebx;

    if (r->edx != 0x534d4150 || r->ecx < 20 || !e820_range(n, &m)) {
        r->ah = 0x86;
        set_cf(r, 1);
        return;
    }
    if (n == 2 && !memory_above()) {
        n++;
    }
    if (n == 3 && !acpi_ram_kb()) {
        n++;
    }
    poke32(r->es, r->di, m.base);
    poke32(r->es, r->di + 4, 0);
    poke32(r->es, r->di + 8, m.length);
    poke32(r->es, r->di + 12, 0);
    poke32(r->es, r->di + 16, m.type);
    r->ebx = n >= 5 ? 0 : n + 1;
    r->eax = 0x534d4150;
    r->ecx = 20;
    set_cf(r, 0);
}

static void e8_call(struct regs *r)
{
    u32 above = memory_above();

    if (r->al == 0x20) {
        e820_call(r);
        return;
    }
    if (r->al != 0x01) {
        r->ah = 0x86;
        set_cf(r, 1);
        return;
    }
    r->ax = r->cx = above > 15 * 1024 ? 15 * 1024 : above;
    r->bx = r->dx = above > 15 * 1024 ? (above - 15 * 1024) / 64 : 0;
    set_cf(r, 0);
}

void handle_int15(struct regs *r)
{
    u32 above;

    switch (r->ah) {
    case 0x24: a20_call(r); return;
    case 0x4f: set_cf(r, 1); return; /* the key goes on unchanged */
    case 0x53: apm_call(r, wait_irq); return;
    case 0x83:
        if (r->al == 1) {
            BDA->wait_active = 0;
            cmos_write(0x0b, cmos_read(0x0b) & ~0x40);
            set_cf(r, 0);
        } else if (wait_start(FAR(r->es, r->bx), (u32)r->cx << 16 | r->dx)) {
            r->ah = 0;
            set_cf(r, 0);
        } else {
            set_cf(r, 1);
        }
        return;
    case 0x86: wait_call(r); return;
    case 0x87: move_call(r); return;
    case 0x88:
        above = memory_above();
        r->ax = above > 0xfc00 ? 0xfc00 : above;
        set_cf(r, 0);
        return;
    case 0x89: protected_call(r); return;
    case 0x80: /* open, close, terminate: nothing to do */
    case 0x81:
    case 0x82:
    case 0x85: /* SysReq */
    case 0x90: /* wait and post: for multitaskers to hook */
    case 0x91:
        r->ah = 0;
        set_cf(r, 0);
        return;
    case 0xc0:
        r->es = 0xf000;
        r->bx = (u32)config_table;
        r->ah = 0;
        set_cf(r, 0);
        return;
    case 0xc1:
        r->es = BDA->ebda_seg;
        set_cf(r, 0);
        return;
    case 0xc2: int15_mouse(r); return;
    case 0xe8: e8_call(r); return;
    default:
        r->ah = 0x86;
        set_cf(r, 1);
        return;
    }
}
