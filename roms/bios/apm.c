/* SPDX-License-Identifier: MIT */
/*
 * INT 15h AH=53h: APM 1.2 by its real-mode interface; what it can do is switch the machine off.
 */
#include "bios.h"

void power_off(void)
{
    static ROM char word[] = "Shutdown";

    outw(0x2000, 0x604); /* ACPI PM1a control: SLP_EN, type 0 = soft off */
    for (ROM char *s = word; *s; s++) {
        outb(*s, 0x8900);
    }
    for (;;) {
        asm volatile("cli; hlt");
    }
}

static void fail(struct regs *r, u8 code)
{
    r->ah = code;
    set_cf(r, 1);
}

void apm_call(struct regs *r)
{
    set_cf(r, 0);
    switch (r->al) {
    case 0x00:
        r->ax = 0x0102;
        r->bx = 0x504d; /* "PM" */
        r->cx = 0;      /* real mode only */
        return;
    case 0x01:
        if (ebda.apm) {
            fail(r, 0x02);
            return;
        }
        ebda.apm = 1;
        return;
    case 0x02: /* 16- and 32-bit protected mode */ fail(r, 0x06); return;
    case 0x03: fail(r, 0x08); return;
    case 0x04:
        if (!ebda.apm) {
            fail(r, 0x03);
            return;
        }
        ebda.apm = 0;
        return;
    case 0x05: /* CPU idle */ wait_irq(); return;
    case 0x06: return;
    case 0x07:
        if (r->bx == 1 && r->cx == 3) {
            power_off();
        }
        return;
    case 0x08:
    case 0x0d:
    case 0x0f: return;
    case 0x0a: /* on AC, no battery */
        r->bx = 0x01ff;
        r->cx = 0x80ff;
        r->dx = 0xffff;
        r->si = 0;
        return;
    case 0x0b: fail(r, 0x80); return; /* no event waits */
    case 0x0e: r->ax = 0x0102; return;
    default: fail(r, 0x0c); return;
    }
}
