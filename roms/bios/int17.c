/* SPDX-License-Identifier: MIT */
/*
 * INT 17h: printers. INT 05h: print screen.
 */
#include "bios.h"

void handle_int17(struct regs *r)
{
    u16 base;

    if (r->dx > 2 || r->ah > 2 || !(base = BDA->lpt[r->dx])) {
        r->ah = 0x01; /* time-out */
        return;
    }
    if (r->ah == 0) {
        struct deadline d;

        outb(r->al, base);
        deadline_start(&d, 1000);
        while (!(inb(base + 1) & 0x80)) {
            if (deadline_over(&d)) {
                r->ah = 0x01;
                return;
            }
        }
        outb(0x0d, base + 2);
        outb(0x0c, base + 2);
    } else if (r->ah == 1) {
        outb(0x08, base + 2);
        delay_15us(4);
        outb(0x0c, base + 2);
    }
    r->ah = (inb(base + 1) & 0xf8) ^ 0x48;
}

/* 50:0 is 1 while printing and FFh after an error. */
void handle_int05(struct regs *r)
{
    struct call c;

    (void)r;
    if (peek8(0x50, 0) == 1) {
        return;
    }
    poke8(0x50, 0, 1);
    fill(&c, 0, sizeof(c));
    c.eax = 0x0f00;
    call_int(0x10, &c);

    u8 cols = c.eax >> 8, page = c.ebx >> 8, result = 0;
    u8 rows = peek8(0x40, 0x84) + 1;

    fill(&c, 0, sizeof(c));
    c.eax = 0x0300;
    c.ebx = page << 8;
    call_int(0x10, &c);
    u16 cursor = c.edx;

    for (u8 row = 0; row < rows && !result; row++) {
        for (u8 col = 0; col < cols + 2 && !result; col++) {
            u8 ch = col == cols ? '\r' : '\n';

            if (col < cols) {
                fill(&c, 0, sizeof(c));
                c.eax = 0x0200;
                c.ebx = page << 8;
                c.edx = row << 8 | col;
                call_int(0x10, &c);
                c.eax = 0x0800;
                c.ebx = page << 8;
                call_int(0x10, &c);
                ch = c.eax ? c.eax : ' ';
            }
            fill(&c, 0, sizeof(c));
            c.eax = ch;
            call_int(0x17, &c);
            if (c.eax & 0x2900) {
                result = 0xff;
            }
        }
    }
    fill(&c, 0, sizeof(c));
    c.eax = 0x0200;
    c.ebx = page << 8;
    c.edx = cursor;
    call_int(0x10, &c);
    poke8(0x50, 0, result);
}
