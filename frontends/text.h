/* SPDX-License-Identifier: MIT */
/*
 * A growing text: what a command answers.
 */
#ifndef FRONTENDS_TEXT_H
#define FRONTENDS_TEXT_H

#include "base/types.h"

struct text {
    char *s; /* NUL-terminated once something was added; NULL: empty */
    size_t len, cap;
};

void text_add(struct text *t, const char *bytes, size_t n);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *t); /* keeps the memory */
void text_free(struct text *t);

#endif
