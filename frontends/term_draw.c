/* SPDX-License-Identifier: MIT */
/*
 * A frame is composed as a grid of the terminal's size, then compared with the one that is shown.
 * A screen that is smaller is centred; of a larger one the part around the cursor is shown, and the
 * last line says so.
 */
#include "frontends/term_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_ATTR 0x70 /* black on grey */

/* Code page 437 as its glyphs. */
static const uint16_t cp437[256] = {
    0x0020, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9, 0x2642,
    0x2640, 0x266a, 0x266b, 0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7, 0x25ac, 0x21a8,
    0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc, 0x0020, 0x0021, 0x0022, 0x0023,
    0x0024, 0x0025, 0x0026, 0x0027, 0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f,
    0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003a, 0x003b,
    0x003c, 0x003d, 0x003e, 0x003f, 0x0040, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047,
    0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f, 0x0050, 0x0051, 0x0052, 0x0053,
    0x0054, 0x0055, 0x0056, 0x0057, 0x0058, 0x0059, 0x005a, 0x005b, 0x005c, 0x005d, 0x005e, 0x005f,
    0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067, 0x0068, 0x0069, 0x006a, 0x006b,
    0x006c, 0x006d, 0x006e, 0x006f, 0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077,
    0x0078, 0x0079, 0x007a, 0x007b, 0x007c, 0x007d, 0x007e, 0x2302, 0x00c7, 0x00fc, 0x00e9, 0x00e2,
    0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
    0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2,
    0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
    0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
    0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566,
    0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
    0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393, 0x03c0,
    0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
    0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a,
    0x207f, 0x00b2, 0x25a0, 0x0020,
};

void term_view_resize(struct term_view *v, unsigned columns, unsigned rows)
{
    free(v->shown);
    free(v->want);
    v->columns = columns;
    v->rows = rows;
    v->shown = xcalloc((size_t)columns * rows, sizeof(*v->shown));
    v->want = xcalloc((size_t)columns * rows, sizeof(*v->want));
    v->stale = true;
}

void term_view_free(struct term_view *v)
{
    free(v->shown);
    free(v->want);
    free(v->out);
}

/* Output. */

static void put(struct term_view *v, const char *text, size_t n)
{
    if (v->len + n > v->cap) {
        v->cap = (v->len + n) * 2;
        v->out = xrealloc(v->out, v->cap);
    }
    memcpy(v->out + v->len, text, n);
    v->len += n;
}

static void put_char(struct term_view *v, uint16_t ch)
{
    char utf8[3] = {(char)(0xe0 | ch >> 12), (char)(0x80 | (ch >> 6 & 63)),
                    (char)(0x80 | (ch & 63))};

    if (ch < 0x80) {
        utf8[0] = (char)ch;
        put(v, utf8, 1);
    } else if (ch < 0x800) {
        utf8[1] = (char)(0xc0 | ch >> 6);
        put(v, utf8 + 1, 2);
    } else {
        put(v, utf8, 3);
    }
}

static void put_place(struct term_view *v, unsigned column, unsigned row)
{
    char text[32];

    put(v, text, (size_t)snprintf(text, sizeof(text), "\033[%u;%uH", row + 1, column + 1));
}

/* IBM counts blue, green, red; ANSI red, green, blue. */
static unsigned ansi_color(unsigned ibm)
{
    return (ibm & 1) << 2 | (ibm & 2) | (ibm >> 2 & 1);
}

static void put_attr(struct term_view *v, struct term_cell c)
{
    unsigned fg = c.attr & 15, bg = c.attr >> 4;
    char text[48];

    put(v, text,
        (size_t)snprintf(text, sizeof(text), "\033[0;%u;%u%sm",
                         (fg & 8 ? 90 : 30) + ansi_color(fg & 7),
                         (bg & 8 ? 100 : 40) + ansi_color(bg & 7), c.blink ? ";5" : ""));
}

/* Composing. */

static struct term_cell *cell_at(struct term_view *v, unsigned column, unsigned row)
{
    return &v->want[(size_t)row * v->columns + column];
}

static void write_text(struct term_view *v, unsigned row, unsigned column, const char *text,
                       uint8_t attr)
{
    for (; *text && column < v->columns; text++, column++) {
        *cell_at(v, column, row) = (struct term_cell){.ch = (uint8_t)*text, .attr = attr};
    }
}

static void write_centred(struct term_view *v, unsigned row, const char *text)
{
    size_t n = strlen(text);

    if (row < v->rows) {
        write_text(v, row, n < v->columns ? (v->columns - (unsigned)n) / 2 : 0, text, 0x07);
    }
}

/* Where a window of `size` onto `total` begins so that `cursor` is in it. */
static unsigned follow(unsigned first, unsigned size, unsigned total, unsigned cursor)
{
    if (total <= size) {
        return 0;
    }
    if (cursor < first) {
        first = cursor;
    } else if (cursor >= first + size) {
        first = cursor - size + 1;
    }
    return first + size > total ? total - size : first;
}

struct placement {
    unsigned columns, rows; /* of the guest's screen that are shown */
    unsigned left, top;     /* where on the terminal */
};

static struct placement place(struct term_view *v, const struct text_screen *s, unsigned rows)
{
    struct placement p = {
        .columns = s->columns < v->columns ? s->columns : v->columns,
        .rows = s->rows < rows ? s->rows : rows,
    };

    p.left = (v->columns - p.columns) / 2;
    p.top = (rows - p.rows) / 2;
    v->first_column = follow(v->first_column, p.columns, s->columns, s->cursor_column);
    v->first_row = follow(v->first_row, p.rows, s->rows, s->cursor_row);
    return p;
}

static void compose_text(struct term_view *v, const struct text_screen *s,
                         const struct placement *p)
{
    for (unsigned y = 0; y < p->rows; y++) {
        for (unsigned x = 0; x < p->columns; x++) {
            struct text_cell c = s->cell[v->first_row + y][v->first_column + x];

            *cell_at(v, p->left + x, p->top + y) = (struct term_cell){
                .ch = cp437[c.ch],
                .attr = s->blink ? c.attr & 0x7f : c.attr,
                .blink = s->blink && c.attr & 0x80,
            };
        }
    }
}

static void compose_graphics(struct term_view *v, const struct text_screen *s)
{
    unsigned row = v->rows > 2 ? v->rows / 2 - 1 : 0;
    char text[64];

    snprintf(text, sizeof(text), "graphics mode %ux%u", s->width, s->height);
    write_centred(v, row, text);
    write_centred(v, row + 1, "(the monitor's screendump FILE.png saves the picture)");
}

static void show_changes(struct term_view *v)
{
    size_t before = v->len;

    unsigned at_column = ~0u, at_row = ~0u;
    struct term_cell pen = {0};
    bool have_pen = false;

    for (unsigned i = 0; i < v->rows * v->columns; i++) {
        struct term_cell c = v->want[i], old = v->shown[i];
        unsigned column = i % v->columns, row = i / v->columns;

        if (!v->stale && c.ch == old.ch && c.attr == old.attr && c.blink == old.blink) {
            continue;
        }
        if (v->len == before) {
            put(v, "\033[?25l", 6); /* no cursor runs about */
            v->cursor = -1;
        }
        if (column != at_column || row != at_row) {
            put_place(v, column, row);
        }
        if (!have_pen || pen.attr != c.attr || pen.blink != c.blink) {
            put_attr(v, c);
            pen = c;
            have_pen = true;
        }
        put_char(v, c.ch);
        v->shown[i] = c;
        at_row = row;
        /* Terminals differ about how wide the others are, and about the last column. */
        at_column = c.ch < 0x80 && column + 1 < v->columns ? column + 1 : ~0u;
    }
}

static void show_cursor(struct term_view *v, const struct text_screen *s, const struct placement *p)
{
    unsigned x = s->cursor_column - v->first_column, y = s->cursor_row - v->first_row;
    bool on = s->cursor_on && !s->blank && !s->graphics && x < p->columns && y < p->rows;
    int where = on ? (int)((p->top + y) * v->columns + p->left + x) : -1;

    if (where == v->cursor) {
        return;
    }
    v->cursor = where;
    if (on) {
        put_place(v, p->left + x, p->top + y);
    }
    put(v, on ? "\033[?25h" : "\033[?25l", 6);
}

void term_view_draw(struct term_view *v, const struct text_screen *screen, const char *message)
{
    char hint[96];
    struct placement p = {0};

    v->len = 0;
    if (!v->columns || !v->rows) {
        return;
    }
    if (!message && (screen->columns > v->columns || screen->rows > v->rows)) {
        message = hint;
    }
    p = place(v, screen, message && v->rows > 1 ? v->rows - 1 : v->rows);
    if (message == hint) {
        snprintf(hint, sizeof(hint), "%ux%u: columns %u-%u, lines %u-%u; enlarge the terminal",
                 screen->columns, screen->rows, v->first_column + 1, v->first_column + p.columns,
                 v->first_row + 1, v->first_row + p.rows);
    }
    for (unsigned i = 0; i < v->rows * v->columns; i++) {
        v->want[i] = (struct term_cell){.ch = ' ', .attr = 0x07};
    }
    if (screen->graphics && !screen->blank) {
        compose_graphics(v, screen);
    } else if (!screen->blank) {
        compose_text(v, screen, &p);
    }
    if (message && v->rows > 1) {
        write_text(v, v->rows - 1, 0, message, MESSAGE_ATTR);
    }
    if (v->stale) {
        put(v, "\033[0m\033[2J", 8);
    }
    show_changes(v);
    v->stale = false;
    show_cursor(v, screen, &p);
}
