/* SPDX-License-Identifier: MIT */
/*
 * Little-endian loads and stores at any alignment, on any host.
 */
#ifndef BASE_ENDIAN_H
#define BASE_ENDIAN_H

#include <string.h>

#include "base/types.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LE16(v) __builtin_bswap16(v)
#define LE32(v) __builtin_bswap32(v)
#define LE64(v) __builtin_bswap64(v)
#else
#define LE16(v) (v)
#define LE32(v) (v)
#define LE64(v) (v)
#endif

#define BASE_ENDIAN_OPS(bits)                                    \
    static inline uint##bits##_t load_le##bits(const void *p)    \
    {                                                            \
        uint##bits##_t v;                                        \
                                                                 \
        memcpy(&v, p, sizeof(v));                                \
        return LE##bits(v);                                      \
    }                                                            \
    static inline void store_le##bits(void *p, uint##bits##_t v) \
    {                                                            \
        v = LE##bits(v);                                         \
        memcpy(p, &v, sizeof(v));                                \
    }

BASE_ENDIAN_OPS(16)
BASE_ENDIAN_OPS(32)
BASE_ENDIAN_OPS(64)

static inline uint8_t load_le8(const void *p)
{
    return *(const uint8_t *)p;
}

static inline void store_le8(void *p, uint8_t v)
{
    *(uint8_t *)p = v;
}

#endif
