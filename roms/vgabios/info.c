/* SPDX-License-Identifier: MIT */
/*
 * INT 10h AH=12h, 1Ah, 1Bh, 1Ch: configuration and state.
 */
#include "vgabios.h"

/* AH=12h */

static void get_config(struct regs *r)
{
    r->bh = inb(PORT_MISC_READ) & 1 ? 0 : 1;
    r->bl = 3; /* 256 KiB */
    r->ch = 0;
    r->cl = bda8(BDA_SWITCHES) & 15;
}

static void select_lines(struct regs *r)
{
    uint8_t flags = bda8(BDA_FLAGS) & ~(FLAGS_200 | FLAGS_400);

    if (r->al > 2) {
        return;
    }
    bda_set8(BDA_FLAGS, flags | (r->al == 0 ? FLAGS_200 : r->al == 2 ? FLAGS_400 : 0));
    r->al = 0x12;
}

static void set_flag(struct regs *r, uint8_t field, uint8_t bit, bool on)
{
    uint8_t val = bda8(field);

    bda_set8(field, on ? val | bit : val & ~bit);
    r->al = 0x12;
}

void alternate_select(struct regs *r)
{
    switch (r->bl) {
    case 0x10: get_config(r); break;
    case 0x20: r->al = 0x12; break;
    case 0x30: select_lines(r); break;
    case 0x31: set_flag(r, BDA_FLAGS, FLAGS_KEEP_PALETTE, r->al & 1); break;
    case 0x32: {
        uint8_t misc = inb(PORT_MISC_READ);

        outb(PORT_MISC, r->al & 1 ? misc & ~2 : misc | 2);
        r->al = 0x12;
        break;
    }
    case 0x33: set_flag(r, BDA_FLAGS, FLAGS_GREY, !(r->al & 1)); break;
    case 0x34: set_flag(r, BDA_CONTROL, CONTROL_NO_EMULATION, r->al & 1); break;
    case 0x35: r->al = 0x12; break;
    case 0x36: {
        uint8_t mode = in_indexed(PORT_SEQ, 1);

        out_indexed(PORT_SEQ, 1, r->al & 1 ? mode | 0x20 : mode & ~0x20);
        r->al = 0x12;
        break;
    }
    default: break;
    }
}

/* AH=1Ah: 8 is a VGA with a colour display, 7 one with a monochrome display */

void display_combination(struct regs *r)
{
    if (r->al == 0) {
        r->bx = 0x0008;
        r->al = 0x1a;
    } else if (r->al == 1) {
        r->al = 0x1a;
    }
}

/* AH=1Bh */

static uint16_t mode_colors(ROM struct mode_info *info)
{
    switch (info->model) {
    case MODEL_CGA4: return 4;
    case MODEL_CGA2: return 2;
    case MODEL_LINEAR: return 256;
    default: return info->mode == 7 || info->mode == 0x0f ? 0 : info->mode == 0x11 ? 2 : 16;
    }
}

static uint8_t mode_pages(ROM struct mode_info *info)
{
    static ROM uint8_t pages[20] = {8, 8, 8, 8, 1, 1, 1, 8, 0, 0, 0, 0, 0, 8, 4, 2, 2, 1, 1, 1};

    return pages[info->mode];
}

static uint8_t line_code(void)
{
    uint16_t crtc = crtc_port();
    uint8_t over = in_indexed(crtc, 7);
    uint16_t lines = (in_indexed(crtc, 0x12) | (over & 2) << 7 | (over & 0x40) << 3) + 1;

    if (in_indexed(crtc, 9) & 0x80) {
        lines /= 2;
    }
    return lines <= 200 ? 0 : lines <= 350 ? 1 : lines <= 400 ? 2 : 3;
}

void functionality_info(struct regs *r)
{
    uint16_t seg = r->es, off = (uint16_t)r->edi;
    ROM struct mode_info *info = mode_current();

    if (r->bx) {
        return;
    }
    far_fill8(seg, off, 0, 64);
    far_write32(seg, off, (uint32_t)ROM_SEG << 16 | (uint32_t)static_functions);
    far_copy(seg, off + 4, 0x40, BDA_MODE, 30);
    far_write8(seg, off + 0x22, bda8(BDA_ROWS) + 1);
    far_write16(seg, off + 0x23, bda16(BDA_CHAR_HEIGHT));
    far_write8(seg, off + 0x25, 8);
    far_write16(seg, off + 0x27, mode_colors(info));
    far_write8(seg, off + 0x29, mode_pages(info));
    far_write8(seg, off + 0x2a, line_code());
    far_write8(seg, off + 0x2d, 0x21 | (bda8(BDA_FLAGS) & 0x0e) | (ac_read(0x10) & 8 ? 0x20 : 0));
    far_write8(seg, off + 0x31, 3);
    r->al = 0x1b;
}

/* AH=1Ch */

enum { PART_HARDWARE = 1, PART_DATA = 2, PART_DAC = 4, SIZE_HARDWARE = 0x46, SIZE_DATA = 0x40 };

uint16_t state_size(uint16_t parts)
{
    return (parts & PART_HARDWARE ? SIZE_HARDWARE : 0) + (parts & PART_DATA ? SIZE_DATA : 0) +
           (parts & PART_DAC ? 3 + 768 : 0);
}

static uint16_t save_hardware(uint16_t seg, uint16_t off)
{
    uint16_t crtc = crtc_port(), at = off;

    far_write8(seg, at++, inb(PORT_SEQ));
    far_write8(seg, at++, inb(crtc));
    far_write8(seg, at++, inb(PORT_GC));
    inb(crtc + 6);
    far_write8(seg, at++, inb(PORT_AC));
    far_write8(seg, at++, inb(PORT_FEATURE_READ));
    for (uint8_t i = 1; i < 5; i++) {
        far_write8(seg, at++, in_indexed(PORT_SEQ, i));
    }
    far_write8(seg, at++, inb(PORT_MISC_READ));
    for (uint8_t i = 0; i < 25; i++) {
        far_write8(seg, at++, in_indexed(crtc, i));
    }
    for (uint8_t i = 0; i < 0x15; i++) {
        far_write8(seg, at++, ac_read(i));
    }
    for (uint8_t i = 0; i < 9; i++) {
        far_write8(seg, at++, in_indexed(PORT_GC, i));
    }
    far_write16(seg, at, crtc);
    outb(PORT_SEQ, far_read8(seg, off));
    outb(crtc, far_read8(seg, off + 1));
    outb(PORT_GC, far_read8(seg, off + 2));
    return off + SIZE_HARDWARE;
}

static uint16_t restore_hardware(uint16_t seg, uint16_t off)
{
    uint16_t at = off + 5, crtc;

    out_indexed(PORT_SEQ, 0, 1);
    for (uint8_t i = 1; i < 5; i++) {
        out_indexed(PORT_SEQ, i, far_read8(seg, at++));
    }
    outb(PORT_MISC, far_read8(seg, at++));
    out_indexed(PORT_SEQ, 0, 3);
    crtc = crtc_port();
    out_indexed(crtc, 0x11, 0);
    for (uint8_t i = 0; i < 25; i++) {
        out_indexed(crtc, i, far_read8(seg, at++));
    }
    for (uint8_t i = 0; i < 0x15; i++) {
        ac_write(i, far_read8(seg, at++));
    }
    for (uint8_t i = 0; i < 9; i++) {
        out_indexed(PORT_GC, i, far_read8(seg, at++));
    }
    outb(crtc + 6, far_read8(seg, off + 4));
    outb(PORT_SEQ, far_read8(seg, off));
    outb(crtc, far_read8(seg, off + 1));
    outb(PORT_GC, far_read8(seg, off + 2));
    return off + SIZE_HARDWARE;
}

/* 40:49h-66h, 84h-8Ah, A8h, and the font vectors. */
static uint16_t copy_data(uint16_t seg, uint16_t off, bool save)
{
    static ROM struct {
        uint16_t at; /* from 0000:0000 */
        uint8_t len;
    } part[5] = {{0x449, 30}, {0x484, 7}, {0x4a8, 4}, {0x1f * 4, 4}, {0x43 * 4, 4}};
    uint16_t at = off;

    for (uint8_t i = 0; i < 5; i++) {
        if (save) {
            far_copy(seg, at, 0, part[i].at, part[i].len);
        } else {
            far_copy(0, part[i].at, seg, at, part[i].len);
        }
        at += part[i].len;
    }
    return off + SIZE_DATA;
}

static uint16_t save_dac(uint16_t seg, uint16_t off)
{
    far_write8(seg, off++, inb(PORT_DAC_WRITE));
    far_write8(seg, off++, inb(PORT_DAC_MASK));
    far_write8(seg, off++, ac_read(0x14));
    outb(PORT_DAC_READ, 0);
    for (uint16_t i = 0; i < 768; i++) {
        far_write8(seg, off++, inb(PORT_DAC_DATA));
    }
    return off;
}

static uint16_t restore_dac(uint16_t seg, uint16_t off)
{
    uint8_t index = far_read8(seg, off++);

    outb(PORT_DAC_MASK, far_read8(seg, off++));
    ac_write(0x14, far_read8(seg, off++));
    outb(PORT_DAC_WRITE, 0);
    for (uint16_t i = 0; i < 768; i++) {
        outb(PORT_DAC_DATA, far_read8(seg, off++));
    }
    outb(PORT_DAC_WRITE, index);
    return off;
}

uint16_t state_save(uint16_t parts, uint16_t seg, uint16_t off)
{
    if (parts & PART_HARDWARE) {
        off = save_hardware(seg, off);
    }
    if (parts & PART_DATA) {
        off = copy_data(seg, off, 1);
    }
    return parts & PART_DAC ? save_dac(seg, off) : off;
}

uint16_t state_restore(uint16_t parts, uint16_t seg, uint16_t off)
{
    if (parts & PART_HARDWARE) {
        off = restore_hardware(seg, off);
    }
    if (parts & PART_DATA) {
        off = copy_data(seg, off, 0);
    }
    return parts & PART_DAC ? restore_dac(seg, off) : off;
}

void save_restore(struct regs *r)
{
    switch (r->al) {
    case 0: r->bx = (state_size(r->cx) + 63) / 64; break;
    case 1: state_save(r->cx, r->es, r->bx); break;
    case 2: state_restore(r->cx, r->es, r->bx); break;
    default: return;
    }
    r->al = 0x1c;
}
