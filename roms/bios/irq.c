/* SPDX-License-Identifier: MIT */
/*
 * Hardware interrupts that are not a driver's own: the timer, the clock chip's periodic and alarm
 * interrupt, the FPU's error line, and those nobody expects.
 */
#include "bios.h"

#define TICKS_PER_DAY 0x1800b0

void handle_irq0(struct regs *r)
{
    struct call c;
    u32 ticks = BDA->ticks + 1;

    (void)r;
    if (ticks >= TICKS_PER_DAY) {
        ticks = 0;
        BDA->midnight = 1;
    }
    BDA->ticks = ticks;
    floppy_tick();
    fill(&c, 0, sizeof(c));
    call_int(0x1c, &c);
    eoi(0);
}

/* IRQ 8: status C says which; INT 15h/83h and 86h count periods of 976 us. */
void handle_irq8(struct regs *r)
{
    u8 what = cmos_read(0x0c) & cmos_read(0x0b);

    (void)r;
    if (what & 0x40 && BDA->wait_active) {
        u32 left = BDA->wait_count;

        if (left > 976) {
            BDA->wait_count = left - 976;
        } else {
            u32 flag = BDA->wait_flag_ptr;

            BDA->wait_count = 0;
            BDA->wait_active = 0;
            cmos_write(0x0b, cmos_read(0x0b) & ~0x40);
            poke8(flag >> 16, flag, peek8(flag >> 16, flag) | 0x80);
        }
    }
    if (what & 0x20) {
        struct call c;

        fill(&c, 0, sizeof(c));
        call_int(0x4a, &c);
    }
    eoi(8);
}

void handle_irq13(struct regs *r)
{
    struct call c;

    (void)r;
    outb(0, 0xf0);
    eoi(13);
    fill(&c, 0, sizeof(c));
    call_int(0x02, &c);
}

void handle_irq14(struct regs *r)
{
    (void)r;
    BDA->hd_irq = 0xff;
    eoi(14);
}

/* An IRQ with no driver: remember it in 40:6B and mask it, as the AT does; a spurious one only
 * ends. */
void handle_spurious(struct regs *r)
{
    (void)r;
    outb(0x0b, 0x20);
    u8 master = inb(0x20);
    u8 slave = 0;

    if (master & 0x04) {
        outb(0x0b, 0xa0);
        slave = inb(0xa0);
        if (slave) {
            outb(inb(0xa1) | slave, 0xa1);
            outb(0x20, 0xa0);
        }
        outb(0x20, 0x20);
        BDA->last_irq = slave;
    } else if (master) {
        outb(inb(0x21) | (master & ~0x04), 0x21);
        outb(0x20, 0x20);
        BDA->last_irq = master;
    } else {
        BDA->last_irq = 0xff;
    }
}

void handle_nmi(struct regs *r)
{
    (void)r;
    trace(STR("BIOS: NMI\n"));
}

void handle_int10_none(struct regs *r)
{
    (void)r; /* no video adapter */
}
