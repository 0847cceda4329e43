/* SPDX-License-Identifier: MIT */
/*
 * Bit twiddling that C has no operator for.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include "base/types.h"

static inline uint32_t bits_extract32(uint32_t v, unsigned pos, unsigned len)
{
    return (v >> pos) & (len == 32 ? ~0u : (1u << len) - 1);
}

static inline uint32_t rol32(uint32_t v, unsigned n)
{
    n &= 31;
    return n ? v << n | v >> (32 - n) : v;
}

static inline uint32_t ror32(uint32_t v, unsigned n)
{
    n &= 31;
    return n ? v >> n | v << (32 - n) : v;
}

/* 1 if the low byte of v has an even number of ones: x86's PF. */
static inline unsigned parity_even8(uint32_t v)
{
    v ^= v >> 4;
    return (0x9669u >> (v & 15)) & 1;
}

static inline uint8_t bcd_from_bin(unsigned v)
{
    return (uint8_t)((v / 10 % 10) << 4 | v % 10);
}

static inline unsigned bcd_to_bin(uint8_t v)
{
    return (v >> 4) * 10u + (v & 15u);
}

#endif
