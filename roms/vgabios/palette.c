/* SPDX-License-Identifier: MIT */
/*
 * Colours: default DAC contents, INT 10h AH=0Bh (CGA) and AH=10h (palette and DAC).
 */
#include "vgabios.h"

static void dac_put(uint8_t r, uint8_t g, uint8_t b, bool grey)
{
    if (grey) {
        /* 30 % red, 59 % green, 11 % blue, as IBM sums them */
        r = g = b = (uint8_t)((r * 77 + g * 151 + b * 28 + 128) >> 8);
    }
    outb(PORT_DAC_DATA, r);
    outb(PORT_DAC_DATA, g);
    outb(PORT_DAC_DATA, b);
}

/* EGA's six bits rgbRGB: small letters a third, capitals two thirds. */
static uint8_t ega_level(uint8_t i, uint8_t bit)
{
    return (i >> bit & 1 ? 0x2a : 0) + (i >> (bit + 3) & 1 ? 0x15 : 0);
}

static void put_ega(uint8_t i, bool grey)
{
    dac_put(ega_level(i, 2), ega_level(i, 1), ega_level(i, 0), grey);
}

/* A CGA colour IRGB as EGA's: intensity sets the three small bits, and 6 is brown. */
static uint8_t cga_as_ega(uint8_t i)
{
    if (i == 6) {
        return 0x14;
    }
    return (i & 7) | (i & 8 ? 0x38 : 0);
}

/* One step of a circle of 24 hues, blue first, as the level of one component; phase 0 red, 1 green,
 * 2 blue. */
static uint8_t hue_step(uint8_t hue, uint8_t phase)
{
    static ROM uint8_t start[3] = {0, 16, 8};
    uint8_t at = (uint8_t)((hue + start[phase]) % 24);

    if (at <= 4) {
        return at;
    }
    if (at <= 12) {
        return 4;
    }
    return at < 16 ? 16 - at : 0;
}

/* Three brightnesses of three saturations of 24 hues. */
static void put_hues(bool grey)
{
    static ROM uint8_t level[9][5] = {
        {0x00, 0x10, 0x1f, 0x2f, 0x3f}, {0x1f, 0x27, 0x2f, 0x37, 0x3f},
        {0x2d, 0x31, 0x36, 0x3a, 0x3f}, {0x00, 0x07, 0x0e, 0x15, 0x1c},
        {0x0e, 0x11, 0x15, 0x18, 0x1c}, {0x14, 0x16, 0x18, 0x1a, 0x1c},
        {0x00, 0x04, 0x08, 0x0c, 0x10}, {0x08, 0x0a, 0x0c, 0x0e, 0x10},
        {0x0b, 0x0c, 0x0d, 0x0f, 0x10},
    };

    for (uint8_t group = 0; group < 9; group++) {
        for (uint8_t hue = 0; hue < 24; hue++) {
            dac_put(level[group][hue_step(hue, 0)], level[group][hue_step(hue, 1)],
                    level[group][hue_step(hue, 2)], grey);
        }
    }
}

void palette_load(enum dac_set set, bool grey)
{
    static ROM uint8_t mono_level[4] = {0x00, 0x2a, 0x00, 0x3f};

    outb(PORT_DAC_WRITE, 0);
    if (set == DAC_256) {
        for (uint8_t i = 0; i < 16; i++) {
            put_ega(cga_as_ega(i), grey);
        }
        for (uint8_t i = 0; i < 16; i++) {
            dac_put(grey_ramp[i], grey_ramp[i], grey_ramp[i], 0);
        }
        put_hues(grey);
        for (uint8_t i = 0; i < 8; i++) {
            dac_put(0, 0, 0, 0);
        }
        return;
    }
    for (uint8_t i = 0; i < 64; i++) {
        if (set == DAC_EGA) {
            put_ega(i, grey);
        } else if (set == DAC_CGA) {
            put_ega(cga_as_ega((i & 7) | (i & 16 ? 8 : 0)), grey);
        } else {
            uint8_t v = mono_level[i >> 3 & 3];

            dac_put(v, v, v, 0);
        }
    }
}

/* AH=0Bh */

void palette_cga(struct regs *r)
{
    uint8_t saved = bda8(BDA_CGA_PALETTE);
    bool graphics = mode_current()->model != MODEL_TEXT;

    if (r->bh == 0) {
        uint8_t color = (r->bl & 7) | (r->bl & 8 ? 0x10 : 0);

        ac_write(0x11, color);
        if (graphics) {
            ac_write(0, color);
        }
        for (uint8_t i = 1; i < 4 && mode_current()->model == MODEL_CGA4; i++) {
            ac_write(i, (ac_read(i) & ~0x10) | (r->bl & 0x10));
        }
        saved = (saved & 0x20) | (r->bl & 0x1f);
    } else if (r->bh == 1) {
        if (graphics) {
            for (uint8_t i = 1; i < 4; i++) {
                ac_write(i, (ac_read(i) & 0x10) | i * 2 | (r->bl & 1));
            }
        }
        saved = (saved & 0x1f) | (r->bl & 1 ? 0x20 : 0);
    }
    bda_set8(BDA_CGA_PALETTE, saved);
}

/* AH=10h */

static void set_all(uint16_t seg, uint16_t off)
{
    for (uint8_t i = 0; i < 16; i++) {
        ac_write(i, far_read8(seg, off + i));
    }
    ac_write(0x11, far_read8(seg, off + 16));
}

static void get_all(uint16_t seg, uint16_t off)
{
    for (uint8_t i = 0; i < 16; i++) {
        far_write8(seg, off + i, ac_read(i));
    }
    far_write8(seg, off + 16, ac_read(0x11));
}

static void set_dac_block(struct regs *r)
{
    uint16_t off = r->dx;

    outb(PORT_DAC_WRITE, r->bl);
    for (uint16_t i = 0; i < r->cx; i++, off += 3) {
        dac_put(far_read8(r->es, off), far_read8(r->es, off + 1), far_read8(r->es, off + 2),
                bda8(BDA_FLAGS) & FLAGS_GREY);
    }
}

static void get_dac_block(struct regs *r)
{
    uint16_t off = r->dx;

    outb(PORT_DAC_READ, r->bl);
    for (uint32_t i = 0; i < r->cx * 3u; i++) {
        far_write8(r->es, off++, inb(PORT_DAC_DATA));
    }
}

/* BL=0: paging mode, four blocks of 64 or sixteen of 16; BL=1: the block. */
static void select_page(struct regs *r)
{
    uint8_t mode = ac_read(0x10);

    if (r->bl == 0) {
        ac_write(0x10, (mode & 0x7f) | (r->bh & 1) << 7);
    } else {
        ac_write(0x14, mode & 0x80 ? r->bh & 15 : (r->bh & 3) << 2);
    }
}

static void get_page(struct regs *r)
{
    uint8_t mode = ac_read(0x10), page = ac_read(0x14) & 15;

    r->bl = mode >> 7;
    r->bh = mode & 0x80 ? page : page >> 2;
}

static void sum_to_grey(struct regs *r)
{
    for (uint16_t n = 0; n < r->cx; n++) {
        uint8_t i = (uint8_t)(r->bl + n), red, green, blue;

        outb(PORT_DAC_READ, i);
        red = inb(PORT_DAC_DATA);
        green = inb(PORT_DAC_DATA);
        blue = inb(PORT_DAC_DATA);
        outb(PORT_DAC_WRITE, i);
        dac_put(red, green, blue, 1);
    }
}

void palette_function(struct regs *r)
{
    switch (r->al) {
    case 0x00:
        if (r->bl < 0x15) {
            ac_write(r->bl, r->bh);
        }
        break;
    case 0x01: ac_write(0x11, r->bh); break;
    case 0x02: set_all(r->es, r->dx); break;
    case 0x03: ac_write(0x10, (ac_read(0x10) & ~8) | (r->bl & 1) << 3); break;
    case 0x07:
        if (r->bl < 0x15) {
            r->bh = ac_read(r->bl);
        }
        break;
    case 0x08: r->bh = ac_read(0x11); break;
    case 0x09: get_all(r->es, r->dx); break;
    case 0x10:
        outb(PORT_DAC_WRITE, r->bl);
        dac_put(r->dh, r->ch, r->cl, bda8(BDA_FLAGS) & FLAGS_GREY);
        break;
    case 0x12: set_dac_block(r); break;
    case 0x13: select_page(r); break;
    case 0x15:
        outb(PORT_DAC_READ, r->bl);
        r->dh = inb(PORT_DAC_DATA);
        r->ch = inb(PORT_DAC_DATA);
        r->cl = inb(PORT_DAC_DATA);
        break;
    case 0x17: get_dac_block(r); break;
    case 0x18: outb(PORT_DAC_MASK, r->bl); break;
    case 0x19: r->bl = inb(PORT_DAC_MASK); break;
    case 0x1a: get_page(r); break;
    case 0x1b: sum_to_grey(r); break;
    default: break;
    }
}
