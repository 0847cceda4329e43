/* SPDX-License-Identifier: MIT */
/*
 * INT 10h AH=01h-03h, 05h: cursor shape and place, display pages.
 */
#include "vgabios.h"

/* A shape meant for 8-line cells, put at the same height in taller ones. */
static void scale(uint8_t *start, uint8_t *end, uint8_t height)
{
    if (*end == *start + 1 && *end >= 6) {
        *end = height - 2; /* an underline stays two lines thick */
        *start = height - 3;
        return;
    }
    *start = *start * height / 8;
    *end = (*end + 1) * height / 8 - 1;
}

void cursor_set_type(uint8_t start, uint8_t end)
{
    uint8_t height = bda8(BDA_CHAR_HEIGHT), hidden = start & 0x60;

    bda_set16(BDA_CURSOR_TYPE, (uint16_t)(start << 8 | end));
    start &= 0x1f;
    end &= 0x1f;
    if (!(bda8(BDA_CONTROL) & CONTROL_NO_EMULATION) && height > 8 && start < 8 && end < 8) {
        if (end < start) {
            end = 7; /* the CGA wraps around: most of the cell */
            start = 0;
        }
        scale(&start, &end, height);
    }
    out_indexed(crtc_port(), 0x0a, start | (hidden & 0x20));
    out_indexed(crtc_port(), 0x0b, end);
}

uint16_t cursor_pos(uint8_t page)
{
    return bda16(BDA_CURSOR_POS + (page & 7) * 2);
}

static void show_cursor(uint8_t page)
{
    uint16_t pos = cursor_pos(page), port = crtc_port();
    uint16_t at = bda16(BDA_PAGE_START) / 2 + (pos >> 8) * bda16(BDA_COLUMNS) + (pos & 0xff);

    out_indexed(port, 0x0e, (uint8_t)(at >> 8));
    out_indexed(port, 0x0f, (uint8_t)at);
}

void cursor_set_pos(uint8_t page, uint8_t row, uint8_t column)
{
    page &= 7;
    bda_set16(BDA_CURSOR_POS + page * 2, (uint16_t)(row << 8 | column));
    if (page == bda8(BDA_PAGE) && mode_current()->model == MODEL_TEXT) {
        show_cursor(page);
    }
}

void cursor_set_page(uint8_t page)
{
    uint16_t port = crtc_port(), start;
    ROM struct mode_info *info = mode_current();

    page &= 7;
    start = bda16(BDA_PAGE_SIZE) * page;
    bda_set8(BDA_PAGE, page);
    bda_set16(BDA_PAGE_START, start);
    if (info->model == MODEL_LINEAR) {
        start = 0;
    } else if (info->model != MODEL_PLANAR && info->model != MODEL_CGA2) {
        start /= 2;
    }
    out_indexed(port, 0x0c, (uint8_t)(start >> 8));
    out_indexed(port, 0x0d, (uint8_t)start);
    if (info->model == MODEL_TEXT) {
        show_cursor(page);
    }
}
