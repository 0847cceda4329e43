/* SPDX-License-Identifier: MIT */
/*
 * Characters from the keyboard (scan code set 1, US layout) and from COM1, in one queue.
 */
#include "guest.h"

#define COM1 0x3f8

static volatile uint8_t queue[64];
static volatile unsigned head, tail;
static bool shift, extended;

static void add(char c)
{
    unsigned next = (tail + 1) % ARRAY_LEN(queue);

    if (next != head) {
        queue[tail] = c;
        tail = next;
    }
}

int input_get(void)
{
    if (head == tail) {
        return -1;
    }
    int c = queue[head];

    head = (head + 1) % ARRAY_LEN(queue);
    return c;
}

char input_wait(void)
{
    for (;;) {
        asm volatile("cli");
        int c = input_get();

        if (c >= 0) {
            asm volatile("sti");
            return c;
        }
        asm volatile("sti; hlt");
    }
}

void input_key(void)
{
    static const char plain[] =
        "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
    static const char shifted[] =
        "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
    uint8_t code = inb(0x60);

    if (code == 0xe0) {
        extended = true;
        return;
    }
    bool grey = extended;

    extended = false;
    if ((code & 0x7f) == 0x2a || (code & 0x7f) == 0x36) {
        shift = !grey && !(code & 0x80);
        return;
    }
    if (!(code & 0x80) && code < sizeof(plain) - 1 && (!grey || code == 0x1c || code == 0x35)) {
        char c = shift ? shifted[code] : plain[code];

        if (c) {
            add(c);
        }
    }
}

void input_serial(void)
{
    inb(COM1 + 2);
    while (inb(COM1 + 5) & 0x01) {
        char c = inb(COM1);

        add(c == '\r' ? '\n' : c == 127 ? '\b' : c);
    }
}

void input_init(void)
{
    while (inb(0x64) & 0x01) {
        inb(0x60);
    }
    outb(COM1 + 1, 0x01);
}
