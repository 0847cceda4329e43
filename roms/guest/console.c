/* SPDX-License-Identifier: MIT */
/*
 * The text screen, mirrored to COM1.
 */
#include "guest.h"

#include <stdarg.h>

#define SCREEN ((volatile uint16_t *)0xb8000)
#define COM1   0x3f8

enum { COLUMNS = 80, ROWS = 25, FIRST_ROW = 1 };

static unsigned x, y = FIRST_ROW;
static uint8_t attribute = GREY;
static bool serial;

void *memset(void *to, int c, unsigned n)
{
    for (uint8_t *p = to; n; n--) {
        *p++ = (uint8_t)c;
    }
    return to;
}

void *memcpy(void *to, const void *from, unsigned n)
{
    const uint8_t *f = from;

    for (uint8_t *p = to; n; n--) {
        *p++ = *f++;
    }
    return to;
}

int string_compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a - *b;
}

static void cursor(void)
{
    unsigned at = y * COLUMNS + x;

    outb(0x3d4, 0x0e);
    outb(0x3d5, at >> 8);
    outb(0x3d4, 0x0f);
    outb(0x3d5, at);
}

void serial_put(char c)
{
    if (!serial) {
        return;
    }
    for (unsigned i = 0; i < 100000 && !(inb(COM1 + 5) & 0x20); i++) {
    }
    outb(COM1, c);
}

static void new_line(void)
{
    x = 0;
    if (++y < ROWS) {
        return;
    }
    y = ROWS - 1;
    for (unsigned i = FIRST_ROW * COLUMNS; i < (ROWS - 1) * COLUMNS; i++) {
        SCREEN[i] = SCREEN[i + COLUMNS];
    }
    for (unsigned i = (ROWS - 1) * COLUMNS; i < ROWS * COLUMNS; i++) {
        SCREEN[i] = GREY << 8 | ' ';
    }
}

void put(char c)
{
    if (c == '\n') {
        serial_put('\r');
        serial_put('\n');
        new_line();
    } else if (c == '\b') {
        if (x) {
            x--;
            SCREEN[y * COLUMNS + x] = attribute << 8 | ' ';
            serial_put('\b');
            serial_put(' ');
            serial_put('\b');
        }
    } else {
        SCREEN[y * COLUMNS + x] = attribute << 8 | (uint8_t)c;
        serial_put((uint8_t)c < 127 ? c : '*');
        if (++x == COLUMNS) {
            new_line();
        }
    }
    cursor();
}

void colour(uint8_t a)
{
    attribute = a;
}

/* Blanks up to a column. */
void column(unsigned to)
{
    while (x < to) {
        put(' ');
    }
}

static void number(uint32_t v, unsigned base, unsigned width, char pad, bool negative)
{
    char digits[12];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    if (negative) {
        digits[n++] = '-';
    }
    while (width > n) {
        put(pad);
        width--;
    }
    while (n) {
        put(digits[--n]);
    }
}

/* %s %c %u %d %x, with a width and a leading zero. */
void print(const char *f, ...)
{
    va_list args;

    va_start(args, f);
    for (; *f; f++) {
        if (*f != '%') {
            put(*f);
            continue;
        }
        f++;

        char pad = ' ';
        unsigned width = 0;

        if (*f == '0') {
            pad = '0';
            f++;
        }
        while (*f >= '0' && *f <= '9') {
            width = width * 10 + *f++ - '0';
        }
        switch (*f) {
        case 's':
            for (const char *s = va_arg(args, const char *); *s; s++) {
                put(*s);
            }
            break;
        case 'c': put((char)va_arg(args, int)); break;
        case 'u': number(va_arg(args, uint32_t), 10, width, pad, false); break;
        case 'd': {
            int32_t v = va_arg(args, int32_t);

            number(v < 0 ? -(uint32_t)v : (uint32_t)v, 10, width, pad, v < 0);
            break;
        }
        case 'x': number(va_arg(args, uint32_t), 16, width, pad, false); break;
        default: put(*f); break;
        }
    }
    va_end(args);
}

void console_bar(const char *text)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        SCREEN[i] = BAR << 8 | ' ';
    }
    for (unsigned i = 0; text[i]; i++) {
        SCREEN[i + 2] = BAR << 8 | (uint8_t)text[i];
    }
}

void console_init(void)
{
    outb(COM1 + 7, 0x5a);
    serial = inb(COM1 + 7) == 0x5a;
    if (serial) {
        outb(COM1 + 3, 0x83); /* 115200 8N1 */
        outb(COM1, 1);
        outb(COM1 + 1, 0);
        outb(COM1 + 3, 0x03);
        outb(COM1 + 2, 0x07);
        outb(COM1 + 4, 0x0b);
    }
    for (unsigned i = 0; i < ROWS * COLUMNS; i++) {
        SCREEN[i] = GREY << 8 | ' ';
    }
    x = 0;
    y = FIRST_ROW;
    cursor();
}
