/* SPDX-License-Identifier: MIT */
/*
 * Addition, multiplication, division, square root and conversion to integers, for numbers of any
 * format.
 */
#include "cpu/softfloat_num.h"

#include <math.h>

static inline struct fp_num num_invalid(struct fp_ctx *c)
{
    c->flags |= FP_IE;
    return (struct fp_num){.class = NUM_NAN};
}

static inline struct fp_num num_special(unsigned class, unsigned sign)
{
    return (struct fp_num){.class = (uint8_t) class, .sign = (uint8_t)sign};
}

static inline struct fp_num num_mul_normal(struct fp_num a, struct fp_num b)
{
    a.sign ^= b.sign;
    a.exp += b.exp + 1;
    a.mant = mul64(a.mant, b.mant, &a.lo);
    if (!(a.mant >> 63)) {
        a.mant = a.mant << 1 | a.lo >> 63;
        a.lo <<= 1;
        a.exp--;
    }
    return a;
}

struct fp_num num_add(struct fp_ctx *c, struct fp_num a, struct fp_num b)
{
    if (a.class == NUM_INF || b.class == NUM_INF) {
        if (a.class == b.class && a.sign != b.sign) {
            return num_invalid(c);
        }
        note_denormals(c, &a, &b);
        return num_special(NUM_INF, a.class == NUM_INF ? a.sign : b.sign);
    }
    note_denormals(c, &a, &b);
    if (a.class == NUM_ZERO) {
        if (b.class == NUM_ZERO && a.sign != b.sign) {
            b.sign = c->rounding == FP_DOWN;
        }
        return b;
    }
    if (b.class == NUM_ZERO) {
        return a;
    }
    return num_add_normal(c->rounding, a, b);
}

struct fp_num num_mul(struct fp_ctx *c, struct fp_num a, struct fp_num b)
{
    unsigned sign = a.sign ^ b.sign;

    if (a.class == NUM_INF || b.class == NUM_INF) {
        if (a.class == NUM_ZERO || b.class == NUM_ZERO) {
            return num_invalid(c);
        }
        note_denormals(c, &a, &b);
        return num_special(NUM_INF, sign);
    }
    note_denormals(c, &a, &b);
    if (a.class == NUM_ZERO || b.class == NUM_ZERO) {
        return num_special(NUM_ZERO, sign);
    }
    return num_mul_normal(a, b);
}

struct fp_num num_div(struct fp_ctx *c, struct fp_num a, struct fp_num b)
{
    unsigned sign = a.sign ^ b.sign;

    if (a.class == NUM_INF) {
        if (b.class == NUM_INF) {
            return num_invalid(c);
        }
        note_denormals(c, &a, &b);
        return num_special(NUM_INF, sign);
    }
    if (b.class == NUM_ZERO) {
        if (a.class == NUM_ZERO) {
            return num_invalid(c);
        }
        c->flags |= FP_ZE;
        return num_special(NUM_INF, sign);
    }
    note_denormals(c, &a, &b);
    if (b.class == NUM_INF || a.class == NUM_ZERO) {
        return num_special(NUM_ZERO, sign);
    }
    return num_div_normal(a, b);
}

/* Root of v >= 2^62; *rem = v - root^2. The host's root is an estimate that is put right. */
static uint32_t sqrt64(uint64_t v, uint64_t *rem)
{
    uint64_t root = (uint64_t)sqrt((double)v);

    root = root > 0xffffffffu ? 0xffffffffu : root;
    while (root * root > v) {
        root--;
    }
    while (v - root * root > 2 * root) {
        root++;
    }
    *rem = v - root * root;
    return (uint32_t)root;
}

/*
 * Root of hi:0 where hi >= 2^62, by Zimmermann's recursive square root: the root of the upper half
 * gives 32 bits, a division 32 more. *inexact tells if a remainder is left; a 64-bit root is never
 * half-way between two values.
 */
static uint64_t sqrt128(uint64_t hi, uint64_t low, uint64_t *rest)
{
    uint64_t r1, root, q, u, square_hi, square_lo, rem_hi, rem_lo;
    uint64_t s1 = sqrt64(hi, &r1);

    /* (r1 * 2^32 + upper half of low) / (2 * s1); r1 <= 2 * s1, so the dividend has 65 bits */
    uint64_t div = 2 * s1;
    uint64_t n_hi = r1 >> 32, n_lo = r1 << 32 | low >> 32;

    if (n_hi) { /* r1 has 33 bits: r1 * 2^32 = 2^64 + ... */
        uint64_t rem = (0 - div) % div + n_lo % div;

        q = (0 - div) / div + 1 + n_lo / div + rem / div;
        u = rem % div;
    } else {
        q = n_lo / div;
        u = n_lo % div;
    }
    root = (s1 << 32) + q;
    /* remainder = u * 2^32 + lower half of low - q^2 */
    rem_hi = u >> 32;
    rem_lo = u << 32 | (uint32_t)low;
    square_hi = q >> 32 ? 1 : 0; /* q <= 2^32 */
    square_lo = square_hi ? 0 : q * q;
    if (rem_hi < square_hi || (rem_hi == square_hi && rem_lo < square_lo)) {
        /* one too many: add 2 * root - 1 */
        root--;
        rem_hi -= square_hi + (rem_lo < square_lo);
        rem_lo -= square_lo;
        rem_lo += 2 * root + 1;
        rem_hi = (rem_hi + (root >> 63) + (rem_lo < 2 * root + 1)) & 1;
    } else {
        rem_hi -= square_hi + (rem_lo < square_lo);
        rem_lo -= square_lo;
    }
    /* The rest is above one half if remainder > root. */
    *rest = !(rem_hi | rem_lo) ? 0 : rem_hi || rem_lo > root ? TOP_BIT | 1 : 1;
    return root;
}

struct fp_num num_sqrt(struct fp_ctx *c, struct fp_num a)
{
    if (a.class == NUM_ZERO) {
        return a;
    }
    if (a.sign) {
        return num_invalid(c);
    }
    if (a.class == NUM_INF) {
        return a;
    }
    note_denormals(c, &a, &a);
    if (a.exp & 1) {
        a.mant = sqrt128(a.mant, 0, &a.lo);
        a.exp = (a.exp - 1) / 2;
    } else {
        a.mant = sqrt128(a.mant >> 1, a.mant << 63, &a.lo);
        a.exp /= 2;
    }
    return a;
}

uint64_t num_round_int(unsigned rounding, const struct fp_num *a, uint64_t *rest, bool *up)
{
    uint64_t hi = a->mant, lo = 0;

    if (a->class == NUM_ZERO) {
        *rest = 0;
        *up = false;
        return 0;
    }
    shift_right_jam(&hi, &lo, (unsigned)(63 - a->exp));
    *rest = lo;
    *up = rounds_up(rounding, a->sign, hi & 1, lo);
    return hi + *up;
}

int64_t num_to_int(struct fp_ctx *c, const struct fp_num *a, unsigned bits, bool truncate)
{
    uint64_t limit = (uint64_t)1 << (bits - 1), v, rest;
    bool up;

    if (a->class <= NUM_NORMAL && (a->class == NUM_ZERO || a->exp < 64)) {
        v = num_round_int(truncate ? FP_TRUNCATE : c->rounding, a, &rest, &up);
        if (v < limit + a->sign && !(up && !v)) {
            c->rounded_up = up;
            c->flags |= rest ? FP_PE : 0;
            return (int64_t)(a->sign ? 0 - v : v);
        }
    }
    c->flags |= FP_IE;
    c->rounded_up = false;
    return (int64_t)(0 - limit);
}
