/* SPDX-License-Identifier: MIT */
/*
 * The display side of the VGA: planes to pixels, as the CRT controller counts and the attribute
 * controller shifts. One scan line becomes a run of attribute or DAC indices, panned, then looked
 * up.
 *
 * The picture has the mode's own size: a line or pixel that the chip repeats is drawn once. Text
 * and planar lines are what the CRT controller displays: 720x400, 640x480.
 */
#include "hw/vga.h"
#include "hw/vga_draw.h"

#include <string.h>

#include "base/endian.h"

/* 256 characters of 9 dots, and one more that panning brings in. */
#define LINE_DOTS    (257 * 9 + 16)
#define BLANK_WIDTH  720
#define BLANK_HEIGHT 400
#define CURSOR_BLINK 16 /* frames on, frames off; characters blink half as fast */

enum draw_kind { DRAW_TEXT, DRAW_PLANAR, DRAW_CGA, DRAW_256 };

struct draw {
    enum draw_kind kind;
    unsigned dots;    /* pixels per character clock */
    unsigned columns; /* characters */
    unsigned repeat;  /* scan lines shown as one picture line */
    unsigned row_lines, double_scan;
    uint32_t color[256]; /* pixel value -> 0x00RRGGBB */
    bool cursor_on, blink_on;
    uint8_t line[LINE_DOTS];
};

static const uint8_t *plane_bytes_at(const struct vga *s, uint32_t addr)
{
    return &s->mem[vga_plane_index(addr & (VGA_PLANE_SIZE - 1))];
}

/* The memory address counter as byte, word or doubleword address, with the row-scan substitutions.
 */
static uint32_t map_address(const struct vga *s, uint32_t ma, unsigned row)
{
    unsigned mode = s->crtc[CRTC_MODE];
    uint32_t a = ma;

    if (s->crtc[CRTC_UNDERLINE] & CRTC_UL_DWORD) {
        a = ma << 2;
    } else if (!(mode & CRTC_MODE_BYTE)) {
        a = ma << 1 | (ma >> (mode & CRTC_MODE_WRAP15 ? 15 : 13) & 1);
    }
    if (!(mode & CRTC_MODE_MA13)) {
        a = (a & ~0x2000u) | (row & 1) << 13;
    }
    if (!(mode & CRTC_MODE_MA14)) {
        a = (a & ~0x4000u) | (row & 2) << 13;
    }
    return a;
}

/* The counter after n character clocks. */
static uint32_t count(const struct vga *s, unsigned n)
{
    if (s->crtc[CRTC_UNDERLINE] & CRTC_UL_COUNT4) {
        return n / 4;
    }
    return s->crtc[CRTC_MODE] & CRTC_MODE_COUNT2 ? n / 2 : n;
}

/* Where in plane 2 the font of attribute bit 3 = `high` begins. */
static uint32_t font_base(const struct vga *s, bool high)
{
    unsigned r = s->seq[SEQ_CHARACTER_MAP];
    unsigned low2 = high ? r >> 2 & 3 : r & 3;
    unsigned bit2 = high ? r >> 5 & 1 : r >> 4 & 1;

    return low2 * 0x4000 + bit2 * 0x2000;
}

static bool cursor_here(const struct vga *s, const struct draw *d, uint32_t ma, unsigned row)
{
    uint32_t at = s->crtc[CRTC_CURSOR_HIGH] << 8 | s->crtc[CRTC_CURSOR_LOW];
    unsigned start = s->crtc[CRTC_CURSOR_START], end = s->crtc[CRTC_CURSOR_END];

    return d->cursor_on && !(start & CRTC_CURSOR_OFF) &&
           (ma & 0xffff) == ((at + (end >> 5 & 3)) & 0xffff) && row >= (start & 0x1f) &&
           row <= (end & 0x1f);
}

static void text_line(const struct vga *s, struct draw *d, uint32_t ma, unsigned row)
{
    uint32_t font[2] = {font_base(s, false), font_base(s, true)};
    unsigned mode = s->ac[AC_MODE];
    uint8_t *to = d->line;

    for (unsigned i = 0; i <= d->columns; i++) {
        uint32_t at = ma + count(s, i);
        const uint8_t *cell = plane_bytes_at(s, map_address(s, at, row));
        uint8_t ch = cell[0], attr = cell[1];
        unsigned bits = plane_bytes_at(s, font[attr >> 3 & 1] + ch * 32 + (row & 31))[2] << 1;
        uint8_t fg = attr & 15, bg = attr >> 4;

        if (mode & AC_MODE_LINE_GRAPHICS && (ch & 0xe0) == 0xc0) {
            bits |= bits >> 1 & 1;
        }
        if (mode & AC_MODE_BLINK) {
            bg &= 7;
            if (attr & 0x80 && !d->blink_on) {
                fg = bg;
            }
        }
        if ((attr & 7) == 1 && row == (s->crtc[CRTC_UNDERLINE] & 0x1fu)) {
            bits = 0x1ff;
        }
        if (cursor_here(s, d, at, row)) {
            bits = 0x1ff;
        }
        for (unsigned x = 0; x < d->dots; x++) {
            *to++ = bits >> (8 - x) & 1 ? fg : bg;
        }
    }
}

static void planar_line(const struct vga *s, struct draw *d, uint32_t ma, unsigned row)
{
    uint8_t *to = d->line;

    for (unsigned i = 0; i <= d->columns; i++) {
        const uint8_t *p = plane_bytes_at(s, map_address(s, ma + count(s, i), row));

        for (int x = 7; x >= 0; x--) {
            *to++ = (p[0] >> x & 1) | (p[1] >> x & 1) << 1 | (p[2] >> x & 1) << 2 |
                    (p[3] >> x & 1) << 3;
        }
    }
}

/* Planes 0 and 2, then 1 and 3, two bits at a time. */
static void cga_line(const struct vga *s, struct draw *d, uint32_t ma, unsigned row)
{
    uint8_t *to = d->line;

    for (unsigned i = 0; i <= d->columns; i++) {
        const uint8_t *p = plane_bytes_at(s, map_address(s, ma + count(s, i), row));

        for (unsigned half = 0; half < 2; half++) {
            for (int x = 6; x >= 0; x -= 2) {
                *to++ = (p[half] >> x & 3) | (p[half + 2] >> x & 3) << 2;
            }
        }
    }
}

static void line_256(const struct vga *s, struct draw *d, uint32_t ma, unsigned row)
{
    uint8_t *to = d->line;

    for (unsigned i = 0; i <= d->columns; i++, to += 4) {
        memcpy(to, plane_bytes_at(s, map_address(s, ma + count(s, i), row)), 4);
    }
}

/* Pixels to drop at the left. */
static unsigned pel_pan(const struct vga *s, const struct draw *d)
{
    unsigned pan = s->ac[AC_PEL_PAN];

    if (d->kind == DRAW_256) {
        return pan >> 1 & 3;
    }
    if (d->dots == 9) {
        return pan >= 8 ? 0 : pan + 1;
    }
    return pan & 7;
}

static void draw_line(const struct vga *s, struct draw *d, uint32_t ma, unsigned row, bool pan,
                      uint32_t *to, uint32_t width)
{
    const uint8_t *from = d->line;

    switch (d->kind) {
    case DRAW_TEXT: text_line(s, d, ma, row); break;
    case DRAW_PLANAR: planar_line(s, d, ma, row); break;
    case DRAW_CGA: cga_line(s, d, ma, row); break;
    case DRAW_256: line_256(s, d, ma, row); break;
    }
    if (pan) {
        from += pel_pan(s, d);
    }
    for (uint32_t x = 0; x < width; x++) {
        to[x] = d->color[from[x]];
    }
}

uint32_t vga_attribute_rgb(const struct vga *s, unsigned i)
{
    unsigned index = s->ac[i & s->ac[AC_PLANE_ENABLE] & 15];
    unsigned select = s->ac[AC_COLOR_SELECT];

    if (s->ac[AC_MODE] & AC_MODE_P54S) {
        index = (index & 15) | (select & 3) << 4;
    }
    return vga_dac_rgb(s, (uint8_t)((index | (select & 12) << 4) & s->dac_mask));
}

static void find_colors(const struct vga *s, struct draw *d)
{
    for (unsigned i = 0; i < 256; i++) {
        d->color[i] = d->kind == DRAW_256 ? vga_dac_rgb(s, (uint8_t)(i & s->dac_mask))
                                          : vga_attribute_rgb(s, i);
    }
}

static void find_shape(const struct vga *s, struct draw *d, const struct vga_timing *t)
{
    unsigned max_scan = s->crtc[CRTC_MAX_SCAN];
    bool graphics = s->gc[GC_MISC] & GC_MISC_GRAPHICS;
    bool row_in_address = (s->crtc[CRTC_MODE] & (CRTC_MODE_MA13 | CRTC_MODE_MA14)) !=
                          (CRTC_MODE_MA13 | CRTC_MODE_MA14);

    d->columns = t->h_display;
    d->row_lines = (max_scan & 0x1f) + 1;
    d->double_scan = max_scan & CRTC_MS_DOUBLE ? 2 : 1;
    d->repeat = d->double_scan;
    if (!graphics) {
        d->kind = DRAW_TEXT;
        d->dots = t->dots;
        return;
    }
    if (!row_in_address) {
        d->repeat *= d->row_lines;
    }
    if (s->gc[GC_MODE] & GC_MODE_SHIFT_256) {
        d->kind = DRAW_256;
        d->dots = 4;
    } else {
        d->kind = s->gc[GC_MODE] & GC_MODE_SHIFT_CGA ? DRAW_CGA : DRAW_PLANAR;
        d->dots = 8;
    }
}

static uint32_t line_compare(const struct vga *s)
{
    return s->crtc[CRTC_LINE_COMPARE] | (s->crtc[CRTC_OVERFLOW] & 0x10) << 4 |
           (s->crtc[CRTC_MAX_SCAN] & 0x40) << 3;
}

static uint32_t start_address(const struct vga *s)
{
    return (s->crtc[CRTC_START_HIGH] << 8 | s->crtc[CRTC_START_LOW]) +
           (s->crtc[CRTC_PRESET_ROW] >> 5 & 3);
}

static void draw_screen(const struct vga *s, struct draw *d, uint32_t lines, struct picture *out)
{
    uint32_t start = start_address(s);
    uint32_t pitch = s->crtc[CRTC_OFFSET] * 2u, compare = line_compare(s), split = 0;
    unsigned preset = s->crtc[CRTC_PRESET_ROW] & 0x1f;
    bool pan = true, split_now = false;

    for (uint32_t line = 0; line < lines; line++) {
        if (line == compare + 1) {
            split_now = true;
            split = line;
            pan = !(s->ac[AC_MODE] & AC_MODE_PAN_COMPARE);
        }
        if (line % d->repeat) {
            continue;
        }
        /* Row counter ticks since the frame or the split began. */
        uint32_t ticks =
            split_now ? (line - split) / d->double_scan : line / d->double_scan + preset;
        uint32_t ma = (split_now ? 0 : start) + ticks / d->row_lines * pitch;
        uint32_t y = line / d->repeat;

        draw_line(s, d, ma, ticks % d->row_lines, pan, &out->pixels[y * out->width], out->width);
    }
}

static bool is_blank(const struct vga *s)
{
    return !(s->ac_index & AC_INDEX_PAS) || s->seq[SEQ_CLOCKING_MODE] & SEQ_CM_SCREEN_OFF ||
           !(s->crtc[CRTC_MODE] & CRTC_MODE_SYNC);
}

/* Nobody has set a mode yet. */
static bool is_unset(const struct vga *s)
{
    return !s->crtc[CRTC_H_DISPLAY_END] || !s->crtc[CRTC_V_DISPLAY_END];
}

uint64_t vga_blink_phase(const struct vga *s)
{
    return vga_frame(s) / CURSOR_BLINK;
}

void vga_picture(struct vga *s, struct picture *out)
{
    struct vga_timing t = vga_timing(s);
    struct draw d;
    uint64_t phase = vga_blink_phase(s);

    if (vbe_enabled(s)) {
        vbe_resize(s, out);
        vbe_draw(s, out, 0, out->height);
        return;
    }
    if (is_unset(s)) {
        picture_resize(out, BLANK_WIDTH, BLANK_HEIGHT);
        memset(out->pixels, 0, sizeof(uint32_t) * BLANK_WIDTH * BLANK_HEIGHT);
        return;
    }
    find_shape(s, &d, &t);
    picture_resize(out, d.columns * d.dots, (t.v_display + d.repeat - 1) / d.repeat);
    if (is_blank(s)) {
        memset(out->pixels, 0, sizeof(uint32_t) * out->width * out->height);
        return;
    }
    d.cursor_on = !(phase & 1);
    d.blink_on = !(phase & 2);
    find_colors(s, &d);
    draw_screen(s, &d, t.v_display, out);
}

static void text_row(const struct vga *s, const struct draw *d, uint32_t ma, unsigned y,
                     struct text_screen *out)
{
    uint32_t cursor = (s->crtc[CRTC_CURSOR_HIGH] << 8 | s->crtc[CRTC_CURSOR_LOW]) +
                      (s->crtc[CRTC_CURSOR_END] >> 5 & 3);

    for (unsigned x = 0; x < d->columns; x++) {
        uint32_t at = ma + count(s, x);
        const uint8_t *cell = plane_bytes_at(s, map_address(s, at, 0));

        out->cell[y][x] = (struct text_cell){cell[0], cell[1]};
        if (!((at ^ cursor) & 0xffff)) {
            out->cursor_column = x;
            out->cursor_row = y;
            out->cursor_on =
                !(s->crtc[CRTC_CURSOR_START] & CRTC_CURSOR_OFF) &&
                (s->crtc[CRTC_CURSOR_START] & 0x1f) < d->row_lines &&
                (s->crtc[CRTC_CURSOR_START] & 0x1f) <= (s->crtc[CRTC_CURSOR_END] & 0x1f);
        }
    }
}

void vga_text(struct vga *s, struct text_screen *out)
{
    struct vga_timing t = vga_timing(s);
    struct draw d;

    *out = (struct text_screen){.graphics = true, .width = BLANK_WIDTH, .height = BLANK_HEIGHT};
    if (vbe_enabled(s)) {
        out->width = s->dispi[DISPI_XRES];
        out->height = s->dispi[DISPI_YRES];
        return;
    }
    out->blank = is_unset(s) || is_blank(s);
    if (is_unset(s)) {
        out->graphics = false;
        return;
    }
    find_shape(s, &d, &t);
    out->width = d.columns * d.dots;
    out->height = (t.v_display + d.repeat - 1) / d.repeat;
    if (d.kind != DRAW_TEXT) {
        return;
    }
    uint32_t lines = d.row_lines * d.double_scan, split = line_compare(s) + 1;
    uint32_t pitch = s->crtc[CRTC_OFFSET] * 2u;

    out->graphics = false;
    out->blink = s->ac[AC_MODE] & AC_MODE_BLINK;
    out->columns = d.columns < TEXT_COLUMNS ? d.columns : TEXT_COLUMNS;
    out->rows = t.v_display / lines < TEXT_ROWS ? t.v_display / lines : TEXT_ROWS;
    d.columns = out->columns;
    for (unsigned y = 0; y < out->rows; y++) {
        uint32_t ma =
            y * lines < split ? start_address(s) + y * pitch : (y * lines - split) / lines * pitch;

        text_row(s, &d, ma, y, out);
    }
}
