/* SPDX-License-Identifier: MIT */
/*
 * The guest's text screen on a terminal of any size: what has changed, as control sequences that
 * every terminal with 16 colours and UTF-8 takes.
 */
#ifndef FRONTENDS_TERM_DRAW_H
#define FRONTENDS_TERM_DRAW_H

#include "host/display.h"

struct term_cell {
    uint16_t ch; /* Unicode */
    uint8_t attr;
    bool blink;
};

struct term_view {
    unsigned columns, rows;           /* of the terminal */
    struct term_cell *shown, *want;   /* rows x columns: what is there, and what shall be */
    bool stale;                       /* nothing is known of what is there */
    int cursor;                       /* where it is shown, as index of a cell; -1: nowhere */
    unsigned first_column, first_row; /* of the guest's screen, where the terminal is smaller */
    char *out;                        /* sequences to write */
    size_t len, cap;
};

void term_view_resize(struct term_view *v, unsigned columns, unsigned rows);
void term_view_free(struct term_view *v);
/* Fills v->out with what makes the terminal show the screen, nothing if it does. message: for the
 * last line, or NULL. */
void term_view_draw(struct term_view *v, const struct text_screen *screen, const char *message);

#endif
