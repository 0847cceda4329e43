/* SPDX-License-Identifier: MIT */
/*
 * A picture of the guest's screen, for screenshots and windows.
 */
#ifndef HOST_DISPLAY_H
#define HOST_DISPLAY_H

#include "base/types.h"

struct picture {
    uint32_t width, height; /* pixels */
    uint32_t *pixels;       /* 0x00RRGGBB, row after row, width apart; owned by the picture */
};

#define TEXT_COLUMNS 256
#define TEXT_ROWS    128

struct text_cell {
    uint8_t ch, attr; /* code page 437, as the adapter's own font; IBM's attribute byte */
};

/* The guest's screen as characters, for terminals and scripts. */
struct text_screen {
    bool graphics, blank;
    uint32_t width, height; /* pixels */
    unsigned columns, rows; /* 0 in graphics modes */
    bool blink;             /* attribute bit 7 blinks, else it is the background's intensity */
    bool cursor_on;
    unsigned cursor_column, cursor_row;
    struct text_cell cell[TEXT_ROWS][TEXT_COLUMNS];
};

void picture_resize(struct picture *p, uint32_t width, uint32_t height);
void picture_free(struct picture *p);

/* Both write to a temporary name beside path and rename. NULL, or a message (caller frees). */
char *picture_write_ppm(const struct picture *p, const char *path);
char *picture_write_png(const struct picture *p, const char *path);

#endif
