/* SPDX-License-Identifier: MIT */
/*
 * INT 1Ah: the tick count, and the MC146818's time, date and alarm. And the count's start value
 * from the clock at POST.
 */
#include "bios.h"

static u8 from_bcd(u8 v)
{
    return (v >> 4) * 10 + (v & 15);
}

/* 0 if the clock is not being updated, within the 2.2 ms an update may take. */
static u8 update_wait(void)
{
    struct deadline d;

    deadline_start(&d, 5);
    while (cmos_read(0x0a) & 0x80) {
        if (deadline_over(&d)) {
            return 1;
        }
    }
    return 0;
}

void rtc_init(void)
{
    cmos_write(0x0a, 0x26);
    cmos_write(0x0b,
               (cmos_read(0x0b) & 0x05) | 0x02); /* 24 hours, interrupts off; DM and DSE stay */
    cmos_read(0x0c);
    cmos_read(0x0d);
    update_wait();

    u32 seconds = from_bcd(cmos_read(0x04)) * 3600 + from_bcd(cmos_read(0x02)) * 60 +
                  from_bcd(cmos_read(0x00));

    /* 1193182 / 65536 = 18.2065 ticks a second */
    BDA->ticks = seconds * 18 + seconds * 2065 / 10000;
}

void handle_int1a(struct regs *r)
{
    u32 ticks;

    set_cf(r, 0);
    switch (r->ah) {
    case 0x00:
        ticks = BDA->ticks;
        r->cx = ticks >> 16;
        r->dx = ticks;
        r->al = BDA->midnight;
        r->ah = 0;
        BDA->midnight = 0;
        break;
    case 0x01:
        BDA->ticks = (u32)r->cx << 16 | r->dx;
        BDA->midnight = 0;
        r->ah = 0;
        break;
    case 0x02:
        if (update_wait()) {
            set_cf(r, 1);
            break;
        }
        r->ch = cmos_read(0x04);
        r->cl = cmos_read(0x02);
        r->dh = cmos_read(0x00);
        r->dl = cmos_read(0x0b) & 1;
        r->ah = 0;
        r->al = r->ch;
        break;
    case 0x03:
        if (update_wait()) {
            rtc_init();
        }
        cmos_write(0x0b, cmos_read(0x0b) | 0x80);
        cmos_write(0x00, r->dh);
        cmos_write(0x02, r->cl);
        cmos_write(0x04, r->ch);
        cmos_write(0x0b, (cmos_read(0x0b) & 0x60) | 0x02 | (r->dl & 1));
        r->ah = 0;
        break;
    case 0x04:
        if (update_wait()) {
            set_cf(r, 1);
            break;
        }
        r->cl = cmos_read(0x09);
        r->dh = cmos_read(0x08);
        r->dl = cmos_read(0x07);
        r->ch = cmos_read(0x32);
        r->ah = 0;
        r->al = r->ch;
        break;
    case 0x05:
        if (update_wait()) {
            rtc_init();
        }
        cmos_write(0x0b, cmos_read(0x0b) | 0x80);
        cmos_write(0x09, r->cl);
        cmos_write(0x08, r->dh);
        cmos_write(0x07, r->dl);
        cmos_write(0x32, r->ch);
        cmos_write(0x0b, cmos_read(0x0b) & ~0x80);
        r->ah = 0;
        break;
    case 0x06:
        r->ax = 0;
        if (cmos_read(0x0b) & 0x20) {
            set_cf(r, 1); /* an alarm is set already */
            break;
        }
        update_wait();
        cmos_write(0x01, r->dh);
        cmos_write(0x03, r->cl);
        cmos_write(0x05, r->ch);
        outb(inb(0xa1) & 0xfe, 0xa1);
        cmos_write(0x0b, (cmos_read(0x0b) & 0x7f) | 0x20);
        break;
    case 0x07:
        cmos_write(0x0b, cmos_read(0x0b) & 0x57);
        r->ah = 0;
        break;
    case 0xb1: int1a_pci(r); break;
    default:
        set_cf(r, 1);
        r->ah = 0x86;
        break;
    }
}
