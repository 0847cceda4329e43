/* SPDX-License-Identifier: MIT */
#include "frontends/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_room(struct text *t, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        t->cap = (t->len + n + 1) * 2;
        t->s = xrealloc(t->s, t->cap);
    }
}

void text_add(struct text *t, const char *bytes, size_t n)
{
    make_room(t, n);
    memcpy(t->s + t->len, bytes, n);
    t->len += n;
    t->s[t->len] = 0;
}

void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    make_room(t, (size_t)n);
    va_start(ap, fmt);
    vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    t->len += (size_t)n;
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->s) {
        t->s[0] = 0;
    }
}

void text_free(struct text *t)
{
    free(t->s);
    *t = (struct text){0};
}
