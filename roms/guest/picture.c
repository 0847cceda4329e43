/* SPDX-License-Identifier: MIT */
/*
 * A picture by the display's DISPI registers and linear frame buffer: a sundial that shows the time
 * of the clock chip, and ramps of red, green, blue and grey.
 *
 * The frame begins behind the first 256 KiB, which hold the text mode's characters and fonts: when
 * the mode is switched off, the text is back.
 */
#include "guest.h"

enum {
    DISPI_INDEX = 0x1ce,
    DISPI_DATA = 0x1cf,
    DISPI_ID = 0,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_Y_OFFSET = 9,
    DISPI_MEMORY, /* in 64 KiB */

    ENABLE_ON = 0x01,
    ENABLE_LFB = 0x40,
    ENABLE_NO_CLEAR = 0x80,

    WIDTH = 640,
    HEIGHT = 480,
    FIRST_LINE = 128, /* 320 KiB */
    CENTRE_X = 320,
    CENTRE_Y = 190,
    RADIUS = 150,
    ONE = 10000,
};

#define TABLE  0x65000u    /* page table behind those of the first 16 MiB */
#define LINEAR 0xe0000000u /* where the frame buffer is mapped */

static uint16_t dispi_read(uint16_t index)
{
    outw(DISPI_INDEX, index);
    return inw(DISPI_DATA);
}

static void dispi_write(uint16_t index, uint16_t val)
{
    outw(DISPI_INDEX, index);
    outw(DISPI_DATA, val);
}

/* Base address 0 of device 1234:1111, or where a display without PCI has it. */
static uint32_t frame_buffer(void)
{
    uint32_t f = pci_exists() ? pci_find(0xffffffff, 0x11111234, 0) : PCI_NONE;

    if (f != PCI_NONE) {
        return pci_read(f, 0x10) & ~15u;
    }
    return 0xe0000000;
}

bool picture_identify(uint16_t *id, uint32_t *kib, uint32_t *at)
{
    *id = dispi_read(DISPI_ID);
    *kib = dispi_read(DISPI_MEMORY) * 64u;
    *at = frame_buffer();
    return (*id & 0xfff0) == 0xb0c0 && *kib >= 1024 && !(*at & 0xfff);
}

/* The first 4 MiB of it. */
static volatile uint32_t *map(uint32_t at)
{
    uint32_t *table = (uint32_t *)TABLE;

    for (uint32_t i = 0; i < 1024; i++) {
        table[i] = (at + i * 4096) | 3;
    }
    page_map_table(LINEAR, TABLE);
    return (volatile uint32_t *)LINEAR + FIRST_LINE * WIDTH;
}

/* Sine of n quarters of an hour on a dial: 3.75 degrees each. */
static int32_t sine(int32_t n)
{
    static const int16_t table[25] = {0,    654,  1305, 1951, 2588, 3214, 3827, 4423, 5000,
                                      5556, 6088, 6593, 7071, 7518, 7934, 8315, 8660, 8969,
                                      9239, 9469, 9659, 9808, 9914, 9979, 10000};

    n %= 96;
    n = n < 0 ? n + 96 : n;
    if (n >= 48) {
        return -sine(n - 48);
    }
    return table[n <= 24 ? n : 48 - n];
}

static uint32_t mix(uint32_t from, uint32_t to, uint32_t part, uint32_t whole)
{
    uint32_t out = 0;

    for (unsigned shift = 0; shift < 24; shift += 8) {
        uint32_t a = from >> shift & 255, b = to >> shift & 255;

        out |= (a * (whole - part) + b * part) / whole << shift;
    }
    return out;
}

static void rectangle(volatile uint32_t *to, int x, int y, int w, int h, uint32_t color)
{
    for (int j = y; j < y + h; j++) {
        for (int i = x; i < x + w; i++) {
            to[j * WIDTH + i] = color;
        }
    }
}

/* From (x, y), in steps of one pixel at most. */
static void line(volatile uint32_t *to, int x0, int y0, int x1, int y1, int thick, uint32_t color)
{
    int dx = x1 - x0, dy = y1 - y0, ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy;
    int steps = ax > ay ? ax : ay;

    for (int i = 0; i <= steps; i++) {
        rectangle(to, x0 + (steps ? dx * i / steps : 0) - thick / 2,
                  y0 + (steps ? dy * i / steps : 0) - thick / 2, thick, thick, color);
    }
}

static void sky(volatile uint32_t *to)
{
    for (uint32_t y = 0; y < HEIGHT; y++) {
        uint32_t color = mix(0x102048, 0xe09050, y < 380 ? y : 380, 380);

        for (uint32_t x = 0; x < WIDTH; x++) {
            to[y * WIDTH + x] = color;
        }
    }
}

static void dial(volatile uint32_t *to)
{
    for (int y = -RADIUS; y <= RADIUS; y++) {
        for (int x = -RADIUS; x <= RADIUS; x++) {
            int d = x * x + y * y;

            if (d <= RADIUS * RADIUS) {
                to[(CENTRE_Y + y) * WIDTH + CENTRE_X + x] =
                    d > (RADIUS - 6) * (RADIUS - 6) ? 0x604020
                                                    : mix(0xf4ecd8, 0xd8c8a0, (uint32_t)d, 22500);
            }
        }
    }
    for (int n = 0; n < 96; n += 4) {
        int s = sine(n), c = sine(n + 24), inner = n % 24 ? RADIUS - 20 : RADIUS - 34;

        line(to, CENTRE_X + s * inner / ONE, CENTRE_Y - c * inner / ONE,
             CENTRE_X + s * (RADIUS - 10) / ONE, CENTRE_Y - c * (RADIUS - 10) / ONE, n % 24 ? 2 : 4,
             0x604020);
    }
}

static uint32_t clock_bcd(uint8_t index)
{
    outb(0x70, index);
    uint8_t v = inb(0x71);

    return (v >> 4) * 10u + (v & 15);
}

/* The shadow goes round once a day, noon upwards; the gnomon stands in the middle. */
static void shadow(volatile uint32_t *to)
{
    int32_t quarter = (int32_t)(clock_bcd(4) * 4 + clock_bcd(2) / 15) - 48;
    int s = sine(quarter), c = sine(quarter + 24);

    line(to, CENTRE_X, CENTRE_Y, CENTRE_X + s * 100 / ONE, CENTRE_Y - c * 100 / ONE, 9, 0x887858);
    for (int i = 0; i < 60; i++) {
        rectangle(to, CENTRE_X - (60 - i) / 6, CENTRE_Y - i, (60 - i) / 3 + 1, 1,
                  mix(0xc08030, 0x704010, (uint32_t)i, 60));
    }
}

static void ramps(volatile uint32_t *to)
{
    static const uint32_t full[4] = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};

    for (int n = 0; n < 4; n++) {
        for (uint32_t x = 0; x < 512; x++) {
            rectangle(to, 64 + (int)x, 376 + n * 24, 1, 20, mix(0, full[n], x / 2, 255));
        }
    }
}

void picture_show(void)
{
    uint16_t id;
    uint32_t kib, at;

    if (!picture_identify(&id, &kib, &at)) {
        print("This display has no frame buffer.\n");
        return;
    }
    volatile uint32_t *to = map(at);

    print("A key brings the text back.\n");

    dispi_write(DISPI_ENABLE, 0);
    dispi_write(DISPI_XRES, WIDTH);
    dispi_write(DISPI_YRES, HEIGHT);
    dispi_write(DISPI_BPP, 32);
    dispi_write(DISPI_ENABLE, ENABLE_ON | ENABLE_LFB | ENABLE_NO_CLEAR);
    dispi_write(DISPI_Y_OFFSET, FIRST_LINE);
    sky(to);
    dial(to);
    shadow(to);
    ramps(to);
    input_wait();
    dispi_write(DISPI_ENABLE, 0);
}
