/* SPDX-License-Identifier: MIT */
/*
 * A one-bit signal from one chip to another: IRQ, A20, reset. The driver holds a copy; the sink
 * gets the number it was wired with and the level.
 */
#ifndef HW_LINE_H
#define HW_LINE_H

#include "base/types.h"

struct line {
    void (*set)(void *opaque, unsigned n, bool level); /* NULL: not connected */
    void *opaque;
    unsigned n;
};

static inline void line_set(const struct line *l, bool level)
{
    if (l->set) {
        l->set(l->opaque, l->n, level);
    }
}

static inline void line_pulse(const struct line *l)
{
    line_set(l, true);
    line_set(l, false);
}

#endif
