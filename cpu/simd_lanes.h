/* SPDX-License-Identifier: MIT */
/*
 * The integer operations of MMX on 64 bits of lanes. SSE2's 128-bit forms are two of them, or for
 * the ones that move lanes about, built from the same halves. SDM volume 1, chapters 9 and 11.
 */
#ifndef CPU_SIMD_LANES_H
#define CPU_SIMD_LANES_H

#include <string.h>

#include "base/types.h"

/* Eight bytes as lanes. The order within the word does not matter to operations between like lanes.
 */
typedef uint8_t lanes_u8 __attribute__((vector_size(8)));
typedef int8_t lanes_s8 __attribute__((vector_size(8)));
typedef uint16_t lanes_u16 __attribute__((vector_size(8)));
typedef int16_t lanes_s16 __attribute__((vector_size(8)));
typedef uint32_t lanes_u32 __attribute__((vector_size(8)));
typedef int32_t lanes_s32 __attribute__((vector_size(8)));

/* A lane-wise operation: x and y are the destination's and the source's lanes, r the result's. */
#define LANES_OP(name, type, expr)                              \
    static inline uint64_t lanes_##name(uint64_t a, uint64_t b) \
    {                                                           \
        type x, y, r;                                           \
        uint64_t out;                                           \
                                                                \
        memcpy(&x, &a, 8);                                      \
        memcpy(&y, &b, 8);                                      \
        expr;                                                   \
        memcpy(&out, &r, 8);                                    \
        return out;                                             \
    }

/* The same where C's promotions need a loop over lanes: X, Y are one lane as int64_t. */
#define LANES_EACH(name, type, expr)                                        \
    static inline uint64_t lanes_##name(uint64_t a, uint64_t b)             \
    {                                                                       \
        type x[8 / sizeof(type)], y[8 / sizeof(type)], r[8 / sizeof(type)]; \
        uint64_t out;                                                       \
                                                                            \
        memcpy(x, &a, 8);                                                   \
        memcpy(y, &b, 8);                                                   \
        for (size_t n = 0; n < ARRAY_LEN(r); n++) {                         \
            int32_t X = x[n], Y = y[n];                                     \
                                                                            \
            r[n] = (type)(expr);                                            \
        }                                                                   \
        memcpy(&out, r, 8);                                                 \
        return out;                                                         \
    }

static inline int32_t lane_clamp(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

LANES_OP(PADDB, lanes_u8, r = x + y)
LANES_OP(PADDW, lanes_u16, r = x + y)
LANES_OP(PADDD, lanes_u32, r = x + y)
LANES_OP(PSUBB, lanes_u8, r = x - y)
LANES_OP(PSUBW, lanes_u16, r = x - y)
LANES_OP(PSUBD, lanes_u32, r = x - y)
LANES_OP(PCMPEQB, lanes_u8, r = (lanes_u8)(x == y))
LANES_OP(PCMPEQW, lanes_u16, r = (lanes_u16)(x == y))
LANES_OP(PCMPEQD, lanes_u32, r = (lanes_u32)(x == y))
LANES_OP(PCMPGTB, lanes_s8, r = (lanes_s8)(x > y))
LANES_OP(PCMPGTW, lanes_s16, r = (lanes_s16)(x > y))
LANES_OP(PCMPGTD, lanes_s32, r = (lanes_s32)(x > y))
LANES_OP(PMULLW, lanes_u16, r = x * y)
LANES_EACH(PADDUSB, uint8_t, lane_clamp(X + Y, 0, 0xff))
LANES_EACH(PADDUSW, uint16_t, lane_clamp(X + Y, 0, 0xffff))
LANES_EACH(PADDSB, int8_t, lane_clamp(X + Y, -0x80, 0x7f))
LANES_EACH(PADDSW, int16_t, lane_clamp(X + Y, -0x8000, 0x7fff))
LANES_EACH(PSUBUSB, uint8_t, lane_clamp(X - Y, 0, 0xff))
LANES_EACH(PSUBUSW, uint16_t, lane_clamp(X - Y, 0, 0xffff))
LANES_EACH(PSUBSB, int8_t, lane_clamp(X - Y, -0x80, 0x7f))
LANES_EACH(PSUBSW, int16_t, lane_clamp(X - Y, -0x8000, 0x7fff))
LANES_EACH(PAVGB, uint8_t, (X + Y + 1) >> 1)
LANES_EACH(PAVGW, uint16_t, (X + Y + 1) >> 1)
LANES_EACH(PMINUB, uint8_t, X < Y ? X : Y)
LANES_EACH(PMAXUB, uint8_t, X > Y ? X : Y)
LANES_EACH(PMINSW, int16_t, X < Y ? X : Y)
LANES_EACH(PMAXSW, int16_t, X > Y ? X : Y)
LANES_EACH(PMULHW, int16_t, (X * Y) >> 16)
LANES_EACH(PMULHUW, uint16_t, (uint32_t)X *(uint32_t)Y >> 16)

#define LANES_WHOLE(name, expr)                                 \
    static inline uint64_t lanes_##name(uint64_t a, uint64_t b) \
    {                                                           \
        return expr;                                            \
    }

LANES_WHOLE(PADDQ, a + b)
LANES_WHOLE(PSUBQ, a - b)
LANES_WHOLE(PAND, a &b)
LANES_WHOLE(PANDN, ~a &b)
LANES_WHOLE(POR, a | b)
LANES_WHOLE(PXOR, a ^ b)
LANES_WHOLE(PMULUDQ, (a & 0xffffffff) * (b & 0xffffffff))

/* Neighbouring products, added. -8000h * -8000h twice wraps to 80000000h. */
static inline uint64_t lanes_PMADDWD(uint64_t a, uint64_t b)
{
    uint64_t out = 0;

    for (unsigned n = 0; n < 64; n += 32) {
        int32_t lo = (int16_t)(a >> n) * (int16_t)(b >> n);
        int32_t hi = (int16_t)(a >> (n + 16)) * (int16_t)(b >> (n + 16));

        out |= (uint64_t)((uint32_t)lo + (uint32_t)hi) << n;
    }
    return out;
}

static inline uint64_t lanes_PSADBW(uint64_t a, uint64_t b)
{
    uint32_t sum = 0;

    for (unsigned n = 0; n < 64; n += 8) {
        int d = (int)(a >> n & 0xff) - (int)(b >> n & 0xff);

        sum += (uint32_t)(d < 0 ? -d : d);
    }
    return sum;
}

/* Counts at or beyond the lane width give 0, or copies of the sign. */
static inline uint64_t lanes_PSLLQ(uint64_t v, uint64_t count)
{
    return count > 63 ? 0 : v << count;
}

static inline uint64_t lanes_PSRLQ(uint64_t v, uint64_t count)
{
    return count > 63 ? 0 : v >> count;
}

#define LANES_SHIFT(name, type, limit, expr)                        \
    static inline uint64_t lanes_##name(uint64_t v, uint64_t count) \
    {                                                               \
        type x[8 / sizeof(type)];                                   \
        unsigned n = count > (limit) ? (limit) : (unsigned)count;   \
        uint64_t out;                                               \
                                                                    \
        memcpy(x, &v, 8);                                           \
        for (size_t k = 0; k < ARRAY_LEN(x); k++) {                 \
            x[k] = (type)(expr);                                    \
        }                                                           \
        memcpy(&out, x, 8);                                         \
        return out;                                                 \
    }

LANES_SHIFT(PSLLW, uint16_t, 16, (uint32_t)x[k] << n)
LANES_SHIFT(PSRLW, uint16_t, 16, (uint32_t)x[k] >> n)
LANES_SHIFT(PSRAW, int16_t, 15, x[k] >> n)
LANES_SHIFT(PSLLD, uint32_t, 32, (uint64_t)x[k] << n)
LANES_SHIFT(PSRLD, uint32_t, 32, (uint64_t)x[k] >> n)
LANES_SHIFT(PSRAD, int32_t, 31, x[k] >> n)

/* Two halves of 32 bits, lane by lane: a0 b0 a1 b1 ... */
static inline uint64_t lanes_interleave(uint32_t a, uint32_t b, unsigned width)
{
    uint64_t out = 0, mask = ((uint64_t)1 << width) - 1;

    for (unsigned n = 0; n < 32; n += width) {
        out |= (a >> n & mask) << 2 * n | (b >> n & mask) << (2 * n + width);
    }
    return out;
}

/* Four words, or two dwords, to lanes of half the width with saturation: 32 bits of result. */
static inline uint32_t lanes_pack_w(uint64_t v, int32_t lo, int32_t hi)
{
    uint32_t out = 0;

    for (unsigned n = 0; n < 4; n++) {
        out |= ((uint32_t)lane_clamp((int16_t)(v >> 16 * n), lo, hi) & 0xff) << 8 * n;
    }
    return out;
}

static inline uint32_t lanes_pack_d(uint64_t v)
{
    uint32_t lo = (uint32_t)lane_clamp((int32_t)v, -0x8000, 0x7fff);
    uint32_t hi = (uint32_t)lane_clamp((int32_t)(v >> 32), -0x8000, 0x7fff);

    return (lo & 0xffff) | hi << 16;
}

static inline uint32_t lanes_PACKSSWB(uint64_t v)
{
    return lanes_pack_w(v, -0x80, 0x7f);
}

static inline uint32_t lanes_PACKUSWB(uint64_t v)
{
    return lanes_pack_w(v, 0, 0xff);
}

static inline uint32_t lanes_PACKSSDW(uint64_t v)
{
    return lanes_pack_d(v);
}

static inline uint64_t lanes_shuffle_w(uint64_t v, unsigned order)
{
    uint64_t out = 0;

    for (unsigned n = 0; n < 4; n++) {
        out |= (v >> 16 * (order >> 2 * n & 3) & 0xffff) << 16 * n;
    }
    return out;
}

/* The top bit of each byte. */
static inline uint32_t lanes_byte_signs(uint64_t v)
{
    uint32_t out = 0;

    for (unsigned n = 0; n < 8; n++) {
        out |= (uint32_t)(v >> (8 * n + 7) & 1) << n;
    }
    return out;
}

#endif
