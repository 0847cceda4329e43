/* SPDX-License-Identifier: MIT */
/*
 * Edit distance with transposition (Damerau's, restricted), over the first 31 bytes. A name that
 * begins with the word, or the other way round, counts as nearer: it was cut short rather than
 * mistyped.
 */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#define NEAREST_MAX 31

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

static size_t shared_prefix(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] && tolower((unsigned char)a[n]) == tolower((unsigned char)b[n])) {
        n++;
    }
    return n;
}

static unsigned distance(const char *a, const char *b)
{
    unsigned row[3][NEAREST_MAX + 1];
    size_t na = strnlen(a, NEAREST_MAX), nb = strnlen(b, NEAREST_MAX);

    for (size_t j = 0; j <= nb; j++) {
        row[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= na; i++) {
        unsigned *cur = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

        cur[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);

            cur[j] = min3(up[j] + 1, cur[j - 1] + 1, up[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]) && up2[j - 2] + 1 < cur[j]) {
                cur[j] = up2[j - 2] + 1;
            }
        }
    }
    return row[na % 3][nb];
}

const char *nearest_name(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    unsigned best_cost = ~0u;

    for (size_t i = 0; i < n; i++) {
        size_t prefix = shared_prefix(word, names[i]);
        unsigned cost = 4 * distance(word, names[i]);

        if (prefix >= 2 && (!word[prefix] || !names[i][prefix])) {
            cost /= 2;
        }
        if (cost < best_cost) {
            best = names[i];
            best_cost = cost;
        }
    }
    return best;
}
