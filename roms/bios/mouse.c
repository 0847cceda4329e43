/* SPDX-License-Identifier: MIT */
/*
 * INT 15h AH=C2h, the PS/2 pointer, and its interrupt (IBM PS/2 BIOS Interface Technical
 * Reference).
 */
#include "bios.h"

/* The next byte from the mouse, or -1. Bytes of the keyboard that come in between wait for nobody.
 */
static int mouse_byte(u32 ms)
{
    for (u32 i = 0; i < ms * 66; i++) {
        u8 s = inb(0x64);

        if (s & 0x01) {
            u8 v = inb(0x60);

            if (s & 0x20) {
                return v;
            }
        }
        delay_15us(1);
    }
    return -1;
}

/* Sends a byte to the mouse; 1 if it said FAh. */
static int mouse_send(u8 v)
{
    kbc_command(0xd4);
    kbc_data(v);
    return mouse_byte(50) == 0xfa;
}

static u8 command_byte(void)
{
    kbc_command(0x20);
    for (u16 i = 0; i < 2000; i++) {
        if (inb(0x64) & 0x01) {
            return inb(0x60);
        }
        delay_15us(1);
    }
    return 0x65;
}

/* While we talk to the mouse its answers, and keys, must not raise interrupts. */
static u8 talk_begin(void)
{
    u8 old;

    kbc_command(0xad);
    old = command_byte() & ~0x10;
    kbc_command(0x60);
    kbc_data((old | 0x10) & ~0x03 & ~0x20);
    return old;
}

static void talk_end(u8 old)
{
    kbc_command(0x60);
    kbc_data(old);
    kbc_command(0xae);
}

void mouse_init(void)
{
    u8 old = talk_begin();
    int found;

    found = mouse_send(0xff);
    if (found) {
        found = mouse_byte(500) == 0xaa;
        mouse_byte(50);
    }
    if (found) {
        BDA->equipment |= 0x04;
        old = (old | 0x02) & ~0x20;
    } else {
        old |= 0x20;
    }
    talk_end(old);
}

void int15_mouse(struct regs *r)
{
    static ROM u8 rates[] = {10, 20, 40, 60, 80, 100, 200};
    u8 old, error = 0;
    int v;

    if (!(BDA->equipment & 0x04)) {
        r->ah = 0x03; /* interface error */
        set_cf(r, 1);
        return;
    }
    old = talk_begin();
    switch (r->al) {
    case 0x00:
        if (r->bh > 1) {
            error = 0x02;
        } else if (r->bh && !(ebda.mouse_flag2 & 0x80)) {
            error = 0x05;
        } else {
            ebda.mouse_flag1 &= ~7;
            old = (old | 0x02) & ~0x20;
            error = mouse_send(r->bh ? 0xf4 : 0xf5) ? 0 : 0x03;
        }
        break;
    case 0x05:
        if (r->bh < 1 || r->bh > 8) {
            error = 0x02;
            break;
        }
        ebda.mouse_flag2 = (ebda.mouse_flag2 & ~7) | (r->bh - 1);
        /* fall through */
    case 0x01:
        ebda.mouse_flag1 &= ~7;
        if (!mouse_send(0xff)) {
            error = 0x03;
            break;
        }
        r->bl = v = mouse_byte(500);
        r->bh = mouse_byte(50);
        error = v < 0 ? 0x03 : 0;
        break;
    case 0x02:
        if (r->bh >= ARRAY_LEN(rates)) {
            error = 0x02;
        } else {
            u8 rate = rates[r->bh];

            error = mouse_send(0xf3) && mouse_send(rate) ? 0 : 0x03;
        }
        break;
    case 0x03: error = r->bh > 3 ? 0x02 : mouse_send(0xe8) && mouse_send(r->bh) ? 0 : 0x03; break;
    case 0x04:
        if (!mouse_send(0xf2)) {
            error = 0x03;
        } else {
            r->bh = mouse_byte(50);
        }
        break;
    case 0x06:
        switch (r->bh) {
        case 0:
            if (!mouse_send(0xe9)) {
                error = 0x03;
                break;
            }
            r->bl = mouse_byte(50);
            r->cl = mouse_byte(50);
            r->dl = mouse_byte(50);
            break;
        case 1:
        case 2: error = mouse_send(0xe5 + r->bh) ? 0 : 0x03; break;
        default: error = 0x02; break;
        }
        break;
    case 0x07:
        ebda.mouse_cs = r->es;
        ebda.mouse_ip = r->bx;
        ebda.mouse_flag2 = r->es || r->bx ? ebda.mouse_flag2 | 0x80 : ebda.mouse_flag2 & ~0x80;
        break;
    default: error = 0x01; break;
    }
    talk_end(old);
    r->ah = error;
    set_cf(r, error != 0);
}

void handle_irq12(struct regs *r)
{
    u8 status = inb(0x64), n, size;

    (void)r;
    if ((status & 0x21) != 0x21) {
        eoi(12);
        return;
    }
    n = ebda.mouse_flag1 & 7;
    size = (ebda.mouse_flag2 & 7) + 1;
    ebda.mouse_data[n] = inb(0x60);
    if (!(ebda.mouse_flag2 & 0x80)) {
        eoi(12);
        return;
    }
    if (size == 1) {
        size = 3; /* never set: the usual packet */
    }
    if (++n < size) {
        ebda.mouse_flag1 = (ebda.mouse_flag1 & ~7) | n;
        eoi(12);
        return;
    }
    ebda.mouse_flag1 &= ~7;
    eoi(12);
    /* The handler is called far with four words on the stack: status, X, Y, Z. */
    void call_mouse(u32 target, u32 status_x, u32 y_z);

    call_mouse(FAR(ebda.mouse_cs, ebda.mouse_ip),
               (u32)ebda.mouse_data[0] << 16 | ebda.mouse_data[1],
               (u32)ebda.mouse_data[2] << 16 | (size > 3 ? ebda.mouse_data[3] : 0));
}
