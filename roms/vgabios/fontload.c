/* SPDX-License-Identifier: MIT */
/*
 * INT 10h AH=11h: character sets in plane 2, and the fonts of graphics modes.
 */
#include "vgabios.h"

/* Plane 2 at A0000h, linearly; and back to text. */
static void open_font_plane(void)
{
    out_indexed(PORT_SEQ, 0, 1);
    out_indexed(PORT_SEQ, 2, 4);
    out_indexed(PORT_SEQ, 4, 7);
    out_indexed(PORT_SEQ, 0, 3);
    out_indexed(PORT_GC, 4, 2);
    out_indexed(PORT_GC, 5, 0);
    out_indexed(PORT_GC, 6, 4);
}

static void close_font_plane(void)
{
    out_indexed(PORT_SEQ, 0, 1);
    out_indexed(PORT_SEQ, 2, 3);
    out_indexed(PORT_SEQ, 4, 3);
    out_indexed(PORT_SEQ, 0, 3);
    out_indexed(PORT_GC, 4, 0);
    out_indexed(PORT_GC, 5, 0x10);
    out_indexed(PORT_GC, 6, inb(PORT_MISC_READ) & 1 ? 0x0e : 0x0a);
}

static uint16_t block_offset(uint8_t block)
{
    return (block & 3) << 14 | (block & 4) << 11;
}

static void load_from(uint16_t seg, uint16_t off, uint8_t height, uint8_t block, uint16_t first,
                      uint16_t count)
{
    uint16_t to = block_offset(block) + first * 32;

    open_font_plane();
    for (uint16_t i = 0; i < count; i++) {
        far_copy(0xa000, to, seg, off, height > 32 ? 32 : height);
        to += 32;
        off += height;
    }
    close_font_plane();
}

void font_load(ROM uint8_t *font, uint8_t height, uint8_t block)
{
    load_from(ROM_SEG, (uint16_t)(uint32_t)font, height, block, 0, 256);
}

static void set_vector(uint8_t vector, uint16_t seg, uint16_t off)
{
    far_write16(0, vector * 4, off);
    far_write16(0, vector * 4 + 2, seg);
}

static ROM uint8_t *rom_font(uint8_t height)
{
    return height == 8 ? font8x8 : height == 14 ? font8x14 : font8x16;
}

void font_set_vectors(uint8_t height)
{
    set_vector(0x43, ROM_SEG, (uint16_t)(uint32_t)rom_font(height));
    set_vector(0x1f, ROM_SEG, (uint16_t)(uint32_t)font8x8 + 128 * 8);
}

/* As many rows of the new height as the scan lines hold. */
static void fit_height(uint8_t height)
{
    uint16_t crtc = crtc_port(), lines, shown;
    uint8_t over = in_indexed(crtc, 7), max_scan = in_indexed(crtc, 9);
    uint8_t double_scan = max_scan >> 7;

    if (!height || height > 32) {
        return;
    }
    lines = in_indexed(crtc, 0x12) | (over & 2) << 7 | (over & 0x40) << 3;
    lines = (lines + 1) >> double_scan;
    uint8_t rows = (uint8_t)(lines / height);

    out_indexed(crtc, 9, (max_scan & 0xe0) | (height - 1));
    shown = (uint16_t)(rows * height << double_scan) - 1;
    out_indexed(crtc, 0x12, (uint8_t)shown);
    out_indexed(crtc, 7, (over & ~0x42) | (shown >> 7 & 2) | (shown >> 3 & 0x40));
    bda_set8(BDA_ROWS, rows - 1);
    bda_set16(BDA_CHAR_HEIGHT, height);
    bda_set16(BDA_PAGE_SIZE, (uint16_t)(rows * bda16(BDA_COLUMNS) * 2 + 0xff) & 0xff00);
    if (height >= 14) {
        cursor_set_type(height - 3, height - 2);
    } else {
        cursor_set_type(height - 2, height - 1);
    }
    bda_set16(BDA_CURSOR_TYPE, 0x0607);
}

static void load_rom(uint8_t function, uint8_t block)
{
    static ROM uint8_t heights[5] = {0, 14, 8, 0, 16};
    uint8_t height = heights[function & 7];

    font_load(rom_font(height), height, block);
    if (function & 0x10) {
        fit_height(height);
    }
}

/* Rows on the screen of a graphics mode: BL = 0 DL rows, 1 14, 2 25, 3 43. */
static void set_graphics(uint8_t which, uint8_t given, uint8_t height)
{
    uint8_t rows = which == 0 ? given : which == 1 ? 14 : which == 3 ? 43 : 25;

    bda_set8(BDA_ROWS, rows - 1);
    bda_set16(BDA_CHAR_HEIGHT, height);
}

static void set_graphics_rom(struct regs *r, uint8_t height)
{
    set_vector(0x43, ROM_SEG, (uint16_t)(uint32_t)rom_font(height));
    set_graphics(r->bl, r->dl, height);
}

static void font_info(struct regs *r)
{
    static ROM uint8_t no_alternates = 0;
    ROM uint8_t *at = font8x8;

    r->cx = bda16(BDA_CHAR_HEIGHT);
    r->dl = bda8(BDA_ROWS);
    r->es = ROM_SEG;
    switch (r->bh) {
    case 0:
    case 1:
        r->es = far_read16(0, (r->bh ? 0x43 : 0x1f) * 4 + 2);
        r->ebp = (r->ebp & 0xffff0000) | far_read16(0, (r->bh ? 0x43 : 0x1f) * 4);
        return;
    case 2: at = font8x14; break;
    case 3: at = font8x8; break;
    case 4: at = font8x8 + 128 * 8; break;
    case 5: at = &no_alternates; break;
    case 6: at = font8x16; break;
    case 7: at = &no_alternates; break;
    default: break;
    }
    r->ebp = (r->ebp & 0xffff0000) | (uint32_t)at;
}

void font_function(struct regs *r)
{
    switch (r->al) {
    case 0x00:
    case 0x10:
        load_from(r->es, (uint16_t)r->ebp, r->bh, r->bl, r->dx & 0xff, r->cx > 256 ? 256 : r->cx);
        if (r->al & 0x10) {
            fit_height(r->bh);
        }
        break;
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x11:
    case 0x12:
    case 0x14: load_rom(r->al, r->bl); break;
    case 0x03: out_indexed(PORT_SEQ, 3, r->bl); break;
    case 0x20: set_vector(0x1f, r->es, (uint16_t)r->ebp); break;
    case 0x21:
        set_vector(0x43, r->es, (uint16_t)r->ebp);
        set_graphics(r->bl, r->dl, (uint8_t)r->cx);
        break;
    case 0x22: set_graphics_rom(r, 14); break;
    case 0x23: set_graphics_rom(r, 8); break;
    case 0x24: set_graphics_rom(r, 16); break;
    case 0x30: font_info(r); break;
    default: break;
    }
}
