/* SPDX-License-Identifier: MIT */
/*
 * 64 x 64 -> 128 bits and back, with or without a compiler's 128-bit integer.
 */
#ifndef CPU_INT128_H
#define CPU_INT128_H

#include "base/types.h"

static inline unsigned clz64(uint64_t v)
{
    return (unsigned)__builtin_clzll(v);
}

static inline uint64_t mul64(uint64_t a, uint64_t b, uint64_t *lo)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 p = (unsigned __int128)a * b;

    *lo = (uint64_t)p;
    return (uint64_t)(p >> 64);
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t mid = ah * bl + (al * bl >> 32);
    uint64_t mid2 = al * bh + (uint32_t)mid;

    *lo = mid2 << 32 | (uint32_t)(al * bl);
    return ah * bh + (mid >> 32) + (mid2 >> 32);
#endif
}

/* hi:lo / d, hi < d, d normalised. */
static inline uint64_t div64(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem)
{
#if defined(__x86_64__)
    uint64_t quotient;

    __asm__("divq %4" : "=a"(quotient), "=d"(*rem) : "a"(lo), "d"(hi), "r"(d) : "cc");
    return quotient;
#elif defined(__SIZEOF_INT128__)
    unsigned __int128 n = (unsigned __int128)hi << 64 | lo;
    uint64_t q = (uint64_t)(n / d);

    *rem = lo - q * d;
    return q;
#else
    uint64_t dh = d >> 32, dl = (uint32_t)d, q = 0;

    for (int digit = 0; digit < 2; digit++) {
        uint64_t next = digit ? (uint32_t)lo : lo >> 32;
        uint64_t qd = hi / dh, r = hi % dh;

        while (qd >> 32 || qd * dl > (r << 32 | next)) {
            qd--;
            r += dh;
            if (r >> 32) {
                break;
            }
        }
        hi = (hi << 32 | next) - qd * d;
        q = q << 32 | qd;
    }
    *rem = hi;
    return q;
#endif
}

#endif
