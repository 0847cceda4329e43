/* SPDX-License-Identifier: MIT */
/*
 * Small things every part of the BIOS uses.
 */
#include "bios.h"

u8 cmos_read(u8 index)
{
    outb(index | 0x80, 0x70);
    u8 v = inb(0x71);

    outb(0x0d, 0x70); /* NMI on again, and the index at rest */
    inb(0x71);
    return v;
}

void cmos_write(u8 index, u8 val)
{
    outb(index | 0x80, 0x70);
    outb(val, 0x71);
    outb(0x0d, 0x70);
    inb(0x71);
}

void fill(void *p, u8 val, u32 len)
{
    for (u8 *b = p; len; len--) {
        *b++ = val;
    }
}

void copy(void *d, const void *s, u32 len)
{
    const u8 *from = s;

    for (u8 *to = d; len; len--) {
        *to++ = *from++;
    }
}

void trace(ROM char *s)
{
    for (; *s; s++) {
        outb(*s, 0x402);
    }
}

static u8 hex_digit(u32 v)
{
    v &= 15;
    return v < 10 ? '0' + v : 'a' + v - 10;
}

void trace_hex(u32 v, int digits)
{
    while (digits--) {
        outb(hex_digit(v >> (4 * digits)), 0x402);
    }
}

void print_char(char ch)
{
    struct call c;

    outb(ch, 0x402);
    if (ch == '\n') {
        print_char('\r');
    }
    fill(&c, 0, sizeof(c));
    c.eax = 0x0e00 | (u8)ch;
    c.ebx = 7;
    call_int(0x10, &c);
}

void print(ROM char *s)
{
    for (; *s; s++) {
        print_char(*s);
    }
}

void print_dec(u32 v)
{
    if (v >= 10) {
        print_dec(v / 10);
    }
    print_char('0' + v % 10);
}

void print_hex(u32 v, int digits)
{
    while (digits--) {
        print_char(hex_digit(v >> (4 * digits)));
    }
}

/* Port 61h bit 4 changes with each refresh, every 15.08 us. A machine without it costs a fixed
 * number of reads. */
void delay_15us(u32 n)
{
    while (n--) {
        u8 now = inb(0x61) & 0x10;

        for (u16 i = 0; i < 200 && (inb(0x61) & 0x10) == now; i++) {
        }
    }
}

void deadline_start(struct deadline *d, u32 ms)
{
    d->polls = ms * 66;
}

int deadline_over(struct deadline *d)
{
    if (!d->polls) {
        return 1;
    }
    d->polls--;
    delay_15us(1);
    return 0;
}

void call_int(u8 vector, struct call *c)
{
    c->ip = peek16(0, vector * 4);
    c->cs = peek16(0, vector * 4 + 2);
    call_far(c);
}

void eoi(u8 irq)
{
    if (irq >= 8) {
        outb(0x20, 0xa0);
    }
    outb(0x20, 0x20);
}

void set_vector(u8 n, u16 seg, u16 off)
{
    poke32(0, n * 4, FAR(seg, off));
}

void set_cf(struct regs *r, int on)
{
    r->flags = on ? r->flags | FLAG_CF : r->flags & ~FLAG_CF;
}
