/* SPDX-License-Identifier: MIT */
/*
 * Characters: INT 10h AH=06h-0Ah, 0Eh and 13h, in text and graphics modes.
 */
#include "vgabios.h"

static uint16_t cell_address(uint8_t page, uint8_t row, uint8_t column)
{
    return page * bda16(BDA_PAGE_SIZE) + (row * bda16(BDA_COLUMNS) + column) * 2;
}

static bool is_text(void)
{
    return mode_current()->model == MODEL_TEXT;
}

static void copy_row(uint8_t to, uint8_t from, uint8_t left, uint8_t width)
{
    uint16_t seg = mode_current()->segment;
    uint8_t page = bda8(BDA_PAGE);

    if (!is_text()) {
        cells_copy(to, from, left, width);
        return;
    }
    far_copy(seg, cell_address(page, to, left), seg, cell_address(page, from, left), width * 2);
}

static void clear_row(uint8_t row, uint8_t left, uint8_t width, uint8_t attr)
{
    if (!is_text()) {
        cells_fill(row, left, width, attr);
        return;
    }
    far_fill16(mode_current()->segment, cell_address(bda8(BDA_PAGE), row, left),
               (uint16_t)(attr << 8 | ' '), width);
}

void text_scroll(const struct window *w, uint8_t lines, uint8_t attr, bool down)
{
    uint8_t last_row = bda8(BDA_ROWS), last_column = bda8(BDA_COLUMNS) - 1;
    uint8_t bottom = w->bottom > last_row ? last_row : w->bottom;
    uint8_t right = w->right > last_column ? last_column : w->right;

    if (w->top > bottom || w->left > right) {
        return;
    }
    uint8_t height = bottom - w->top + 1, width = right - w->left + 1;

    if (!lines || lines > height) {
        lines = height;
    }
    for (uint8_t i = 0; i < height; i++) {
        uint8_t row = down ? bottom - i : w->top + i;

        if (i + lines < height) {
            copy_row(row, down ? row - lines : row + lines, w->left, width);
        } else {
            clear_row(row, w->left, width, attr);
        }
    }
}

uint16_t text_read(uint8_t page)
{
    uint16_t pos = cursor_pos(page);

    if (!is_text()) {
        return glyph_read(page, (uint8_t)pos, pos >> 8);
    }
    return far_read16(mode_current()->segment, cell_address(page & 7, pos >> 8, (uint8_t)pos));
}

static void put_char(uint8_t page, uint8_t row, uint8_t column, uint8_t ch, uint8_t attr,
                     bool with_attr)
{
    if (!is_text()) {
        glyph_draw(page, column, row, ch, attr);
        return;
    }
    uint16_t seg = mode_current()->segment, at = cell_address(page, row, column);

    far_write8(seg, at, ch);
    if (with_attr) {
        far_write8(seg, at + 1, attr);
    }
}

void text_write(uint8_t page, uint8_t ch, uint8_t attr, uint16_t count, bool with_attr)
{
    uint16_t pos = cursor_pos(page), columns = bda16(BDA_COLUMNS);
    uint8_t row = pos >> 8, column = (uint8_t)pos;

    page &= 7;
    while (count--) {
        put_char(page, row, column, ch, attr, with_attr);
        if (++column >= columns) {
            column = 0;
            /* Text goes on where memory does; pixels end with the screen. */
            if (++row > bda8(BDA_ROWS) && !is_text()) {
                return;
            }
        }
    }
}

/* About a tenth of a second at 900 Hz, timed by the refresh bit of port 61h (15 us). */
static void beep(void)
{
    uint8_t gate = inb(0x61), last = gate;
    uint16_t changes = 6600;

    outb(0x43, 0xb6);
    outb(0x42, 0x28);
    outb(0x42, 0x05);
    outb(0x61, gate | 3);
    for (uint32_t tries = 400000; changes && tries; tries--) {
        uint8_t now = inb(0x61);

        if ((now ^ last) & 0x10) {
            changes--;
            last = now;
        }
    }
    outb(0x61, gate);
}

static void new_line_scroll(uint8_t page)
{
    struct window w = {0, 0, bda8(BDA_ROWS), bda8(BDA_COLUMNS) - 1};
    uint8_t attr = 0;

    if (is_text()) {
        attr = text_read(page) >> 8;
    }
    text_scroll(&w, 1, attr, 0);
}

void text_teletype(uint8_t page, uint8_t ch, uint8_t attr, bool with_attr)
{
    uint16_t pos = cursor_pos(page);
    uint8_t row = pos >> 8, column = (uint8_t)pos;

    page &= 7;
    switch (ch) {
    case 7: beep(); return;
    case 8:
        if (column) {
            column--;
        }
        break;
    case 10: row++; break;
    case 13: column = 0; break;
    default:
        put_char(page, row, column, ch, attr, with_attr);
        if (++column >= bda16(BDA_COLUMNS)) {
            column = 0;
            row++;
        }
        break;
    }
    if (row > bda8(BDA_ROWS)) {
        row = bda8(BDA_ROWS);
        new_line_scroll(page);
    }
    cursor_set_pos(page, row, column);
}

void text_write_string(struct regs *r)
{
    uint16_t old = cursor_pos(r->bh), at = (uint16_t)r->ebp;
    uint8_t attr = r->bl;

    if (r->al > 3) {
        return;
    }
    cursor_set_pos(r->bh, r->dh, r->dl);
    for (uint16_t i = 0; i < r->cx; i++) {
        uint8_t ch = far_read8(r->es, at++);

        if (r->al & 2) {
            attr = far_read8(r->es, at++);
        }
        text_teletype(r->bh, ch, attr, 1);
    }
    if (!(r->al & 1)) {
        cursor_set_pos(r->bh, old >> 8, (uint8_t)old);
    }
}
