/* SPDX-License-Identifier: MIT */
/*
 * Pixels and characters in graphics modes; INT 10h AH=0Ch and 0Dh.
 */
#include "vgabios.h"

#define XOR 0x80 /* in a colour: combine with what is there */

/* The graphics controller as mode sets leave it. */
static void gc_default(void)
{
    out_indexed(PORT_GC, 8, 0xff);
    out_indexed(PORT_GC, 5, 0);
    out_indexed(PORT_GC, 3, 0);
    out_indexed(PORT_GC, 1, 0);
}

static uint16_t line_bytes(ROM struct mode_info *info)
{
    uint16_t columns = bda16(BDA_COLUMNS);

    switch (info->model) {
    case MODEL_LINEAR: return columns * 8;
    case MODEL_CGA4: return columns * 2;
    default: return columns;
    }
}

static uint16_t line_start(ROM struct mode_info *info, uint8_t page, uint16_t y)
{
    uint16_t bytes = line_bytes(info);

    switch (info->model) {
    case MODEL_CGA4:
    case MODEL_CGA2: return (y & 1 ? 0x2000 : 0) + (y >> 1) * bytes;
    case MODEL_LINEAR: return y * bytes;
    default: return page * bda16(BDA_PAGE_SIZE) + y * bytes;
    }
}

/* Changes the bits of `mask` in a byte of a CGA mode. */
static void put_bits(uint16_t seg, uint16_t at, uint8_t mask, uint8_t bits, bool xor)
{
    uint8_t old = far_read8(seg, at);

    far_write8(seg, at, xor? old ^ bits : (uint8_t)((old & ~mask) | bits));
}

/* Write mode 2 paints all four planes through the bit mask. */
static void put_planar(uint16_t at, uint8_t mask, uint8_t color)
{
    out_indexed(PORT_GC, 8, mask);
    far_read8(0xa000, at);
    far_write8(0xa000, at, color);
}

static void begin_planar(bool xor)
{
    out_indexed(PORT_SEQ, 2, 0x0f);
    out_indexed(PORT_GC, 5, 2);
    out_indexed(PORT_GC, 3, xor? 0x18 : 0);
}

void pixel_write(uint8_t page, uint16_t x, uint16_t y, uint8_t color)
{
    ROM struct mode_info *info = mode_current();
    uint16_t at = line_start(info, page, y);
    uint8_t shift;

    switch (info->model) {
    case MODEL_CGA4:
        shift = 6 - (x & 3) * 2;
        put_bits(0xb800, at + (x >> 2), 3 << shift, (color & 3) << shift, color & XOR);
        break;
    case MODEL_CGA2:
        shift = 7 - (x & 7);
        put_bits(0xb800, at + (x >> 3), 1 << shift, (color & 1) << shift, color & XOR);
        break;
    case MODEL_PLANAR:
        begin_planar(color & XOR);
        put_planar(at + (x >> 3), 0x80 >> (x & 7), color & 15);
        gc_default();
        break;
    case MODEL_LINEAR: far_write8(0xa000, at + x, color); break;
    default: break;
    }
}

static uint8_t read_plane(uint16_t at, uint8_t plane)
{
    out_indexed(PORT_GC, 4, plane);
    return far_read8(0xa000, at);
}

uint8_t pixel_read(uint8_t page, uint16_t x, uint16_t y)
{
    ROM struct mode_info *info = mode_current();
    uint16_t at = line_start(info, page, y);
    uint8_t color = 0;

    switch (info->model) {
    case MODEL_CGA4: return far_read8(0xb800, at + (x >> 2)) >> (6 - (x & 3) * 2) & 3;
    case MODEL_CGA2: return far_read8(0xb800, at + (x >> 3)) >> (7 - (x & 7)) & 1;
    case MODEL_PLANAR:
        for (uint8_t plane = 0; plane < 4; plane++) {
            color |= (read_plane(at + (x >> 3), plane) >> (7 - (x & 7)) & 1) << plane;
        }
        out_indexed(PORT_GC, 4, 0);
        return color;
    case MODEL_LINEAR: return far_read8(0xa000, at + x);
    default: return 0;
    }
}

/* A character's font row: INT 43h has the font, in CGA modes INT 1Fh the upper half. */
static uint8_t font_row(ROM struct mode_info *info, uint8_t ch, uint8_t y, uint8_t height)
{
    uint16_t vector = 0x43 * 4;

    if (info->segment == 0xb800 && ch >= 128) {
        vector = 0x1f * 4;
        ch -= 128;
    }
    return far_read8(far_read16(0, vector + 2), far_read16(0, vector) + ch * height + y);
}

/* Each bit doubled: the 16 pixels' field masks of a 4-colour byte pair. */
static uint16_t double_bits(uint8_t bits)
{
    uint16_t out = 0;

    for (uint8_t i = 0; i < 8; i++) {
        out = out << 2 | (bits & 0x80 ? 3 : 0);
        bits <<= 1;
    }
    return out;
}

static void draw_row(ROM struct mode_info *info, uint16_t at, uint8_t bits, uint8_t color)
{
    uint16_t wide;

    switch (info->model) {
    case MODEL_CGA4:
        wide = double_bits(bits) & (color & 3) * 0x5555;
        put_bits(0xb800, at, 0xff, wide >> 8, color & XOR);
        put_bits(0xb800, at + 1, 0xff, (uint8_t)wide, color & XOR);
        break;
    case MODEL_CGA2: put_bits(0xb800, at, 0xff, color & 1 ? bits : 0, color & XOR); break;
    case MODEL_PLANAR:
        if (!(color & XOR)) {
            put_planar(at, 0xff, 0);
        }
        put_planar(at, bits, color & 15);
        break;
    default:
        for (uint8_t x = 0; x < 8; x++) {
            far_write8(0xa000, at + x, bits & 0x80 >> x ? color : 0);
        }
        break;
    }
}

static uint8_t cell_bytes(ROM struct mode_info *info)
{
    return info->model == MODEL_LINEAR ? 8 : info->model == MODEL_CGA4 ? 2 : 1;
}

void glyph_draw(uint8_t page, uint8_t column, uint8_t row, uint8_t ch, uint8_t color)
{
    ROM struct mode_info *info = mode_current();
    uint8_t height = bda8(BDA_CHAR_HEIGHT);

    if (info->model == MODEL_PLANAR) {
        begin_planar(color & XOR);
    }
    for (uint8_t y = 0; y < height; y++) {
        draw_row(info, line_start(info, page, row * height + y) + column * cell_bytes(info),
                 font_row(info, ch, y, height), color);
    }
    if (info->model == MODEL_PLANAR) {
        gc_default();
    }
}

/* Which pixels of a cell's row are not background. */
static uint8_t lit_row(ROM struct mode_info *info, uint8_t page, uint8_t column, uint16_t y)
{
    uint16_t at = line_start(info, page, y) + column * cell_bytes(info);
    uint8_t bits = 0;

    if (info->model == MODEL_PLANAR) {
        for (uint8_t plane = 0; plane < 4; plane++) {
            bits |= read_plane(at, plane);
        }
        out_indexed(PORT_GC, 4, 0);
        return bits;
    }
    for (uint8_t x = 0; x < 8; x++) {
        bits = bits << 1 | (pixel_read(page, column * 8 + x, y) != 0);
    }
    return bits;
}

uint8_t glyph_read(uint8_t page, uint8_t column, uint8_t row)
{
    ROM struct mode_info *info = mode_current();
    uint8_t height = bda8(BDA_CHAR_HEIGHT), cell[32];

    if (height > sizeof(cell)) {
        return 0;
    }
    for (uint8_t y = 0; y < height; y++) {
        cell[y] = lit_row(info, page, column, row * height + y);
    }
    for (uint16_t ch = 0; ch < 256; ch++) {
        uint8_t y = 0;

        while (y < height && font_row(info, (uint8_t)ch, y, height) == cell[y]) {
            y++;
        }
        if (y == height) {
            return (uint8_t)ch;
        }
    }
    return 0;
}

void cells_copy(uint8_t to_row, uint8_t from_row, uint8_t left, uint8_t width)
{
    ROM struct mode_info *info = mode_current();
    uint8_t height = bda8(BDA_CHAR_HEIGHT), page = bda8(BDA_PAGE);
    uint16_t at = left * cell_bytes(info), bytes = width * cell_bytes(info);

    if (info->model == MODEL_PLANAR) {
        out_indexed(PORT_SEQ, 2, 0x0f);
        out_indexed(PORT_GC, 5, 1);
    }
    for (uint8_t y = 0; y < height; y++) {
        far_copy(info->segment, line_start(info, page, to_row * height + y) + at, info->segment,
                 line_start(info, page, from_row * height + y) + at, bytes);
    }
    if (info->model == MODEL_PLANAR) {
        gc_default();
    }
}

void cells_fill(uint8_t row, uint8_t left, uint8_t width, uint8_t color)
{
    ROM struct mode_info *info = mode_current();
    uint8_t height = bda8(BDA_CHAR_HEIGHT), page = bda8(BDA_PAGE), val = color;
    uint16_t at = left * cell_bytes(info), bytes = width * cell_bytes(info);

    switch (info->model) {
    case MODEL_CGA4: val = (color & 3) * 0x55; break;
    case MODEL_CGA2: val = color & 1 ? 0xff : 0; break;
    case MODEL_PLANAR:
        begin_planar(0);
        out_indexed(PORT_GC, 8, 0xff);
        break;
    default: break;
    }
    for (uint8_t y = 0; y < height; y++) {
        far_fill8(info->segment, line_start(info, page, row * height + y) + at, val, bytes);
    }
    if (info->model == MODEL_PLANAR) {
        gc_default();
    }
}
