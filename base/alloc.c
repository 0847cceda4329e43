/* SPDX-License-Identifier: MIT */
/*
 * Allocation that does not fail: a host out of memory ends the program with one line.
 */
#include "base/types.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void *check(void *p, size_t size)
{
    if (!p && size) {
        fatal("out of host memory (%zu bytes wanted)", size);
    }
    return p;
}

void *xmalloc(size_t size)
{
    return check(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
    return check(calloc(count, size), count && size ? count * size : 0);
}

void *xrealloc(void *old, size_t size)
{
    return check(realloc(old, size), size);
}

char *xstrdup(const char *s)
{
    size_t n = strlen(s) + 1;

    return memcpy(xmalloc(n), s, n);
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *s = xmalloc((size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return s;
}
