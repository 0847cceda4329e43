/* SPDX-License-Identifier: MIT */
/*
 * INT 14h: serial ports, and their detection with that of the parallel ports.
 */
#include "bios.h"

void serial_init(void)
{
    static ROM u16 com[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
    static ROM u16 lpt[] = {0x3bc, 0x378, 0x278};
    u8 coms = 0, lpts = 0;

    for (u8 i = 0; i < 4; i++) {
        outb(0x02, com[i] + 1); /* IER */
        if (inb(com[i] + 1) == 0x02 && inb(com[i] + 2) != 0xff) {
            outb(0, com[i] + 1);
            BDA->com[coms++] = com[i];
        }
    }
    for (u8 i = 0; i < 3; i++) {
        outb(0xaa, lpt[i]);
        if (inb(lpt[i]) == 0xaa) {
            outb(0x0c, lpt[i] + 2);
            BDA->lpt[lpts++] = lpt[i];
        }
    }
    BDA->equipment |= coms << 9 | lpts << 14;
}

static void line_setup(u16 base, u16 divisor, u8 lcr)
{
    outb(lcr | 0x80, base + 3);
    outb(divisor, base);
    outb(divisor >> 8, base + 1);
    outb(lcr, base + 3);
    outb(0, base + 1);
}

static u8 wait_for(u16 port, u8 mask, u16 base, u8 seconds)
{
    struct deadline d;

    deadline_start(&d, seconds * 1000);
    while ((inb(port) & mask) != mask) {
        if (deadline_over(&d)) {
            return 0x80 | inb(base + 5);
        }
        let_irqs();
    }
    return 0;
}

void handle_int14(struct regs *r)
{
    static ROM u16 divisors[] = {1047, 768, 384, 192, 96, 48, 24, 12};
    static ROM u16 more[] = {1047, 768, 384, 192, 96, 48, 24, 12, 6, 3, 2, 1};
    u16 base = r->dx < 4 ? BDA->com[r->dx] : 0;
    u8 status;

    if (!base) {
        return;
    }
    u8 seconds = BDA->com_timeout[r->dx];

    switch (r->ah) {
    case 0:
        line_setup(base, divisors[r->al >> 5], r->al & 0x1f);
        r->al = inb(base + 6);
        r->ah = inb(base + 5);
        break;
    case 1:
        outb(0x03, base + 4);
        (void)0;
        /* A line without modem signals still sends: only the transmitter must be free. */
        status = wait_for(base + 5, 0x20, base, seconds);
        if (status) {
            r->ah = status;
            break;
        }
        outb(r->al, base);
        r->ah = inb(base + 5) & 0x7f;
        break;
    case 2:
        outb(0x01, base + 4);
        status = wait_for(base + 5, 0x01, base, seconds);
        if (status) {
            r->ah = status;
            break;
        }
        r->ah = inb(base + 5) & 0x1e;
        r->al = inb(base);
        break;
    case 3:
        r->al = inb(base + 6);
        r->ah = inb(base + 5);
        break;
    case 4: /* PS/2: extended setup; AL break, BH parity, BL stop bits, CH length, CL rate */
        if (r->cl < ARRAY_LEN(more)) {
            static ROM u8 parity[] = {0x00, 0x08, 0x18, 0x28, 0x38};

            line_setup(base, more[r->cl],
                       (r->ch & 3) | (r->bl ? 4 : 0) | (r->bh < 5 ? parity[r->bh] : 0) |
                           (r->al ? 0x40 : 0));
        }
        r->al = inb(base + 6);
        r->ah = inb(base + 5);
        break;
    case 5: /* PS/2: modem control */
        if (r->al == 1) {
            outb(r->bl, base + 4);
        } else {
            r->bl = inb(base + 4);
        }
        r->al = inb(base + 6);
        r->ah = inb(base + 5);
        break;
    default: break;
    }
}
