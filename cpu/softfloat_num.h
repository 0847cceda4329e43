/* SPDX-License-Identifier: MIT */
/*
 * Inside softfloat: the number that every format is unpacked into, rounding, and the formats of
 * single and double.
 *
 * The arithmetic is done once, on struct fp_num (softfloat_num.c), and the exact result (128 bits,
 * the last one sticky) is rounded into the destination. What is a function of its own for numbers
 * that are normal is here, for who has seen that they are.
 */
#ifndef CPU_SOFTFLOAT_NUM_H
#define CPU_SOFTFLOAT_NUM_H

#include "cpu/int128.h"
#include "cpu/softfloat.h"

#define TOP_BIT 0x8000000000000000u

enum num_class { NUM_ZERO, NUM_NORMAL, NUM_INF, NUM_NAN };

/* mant * 2^(exp - 63), bit 63 of mant set if normal. exp is not biased. */
struct fp_num {
    uint64_t mant;
    uint64_t lo; /* results: bits below mant, bit 0 sticky */
    int32_t exp;
    uint8_t sign;
    uint8_t class;
    bool denormal;
};

/* hi:lo >> n with the lost bits ORed into bit 0 of lo. */
static inline void shift_right_jam(uint64_t *hi, uint64_t *lo, unsigned n)
{
    if (!n) {
        return;
    }
    if (n < 64) {
        *lo = *hi << (64 - n) | *lo >> n | (*lo << (64 - n) != 0);
        *hi >>= n;
    } else if (n == 64) {
        *lo = *hi | (*lo != 0);
        *hi = 0;
    } else {
        *lo = n < 128 ? *hi >> (n - 64) | ((*hi << (128 - n) | *lo) != 0) : (*hi | *lo) != 0;
        *hi = 0;
    }
}

/* Does a value whose last kept bit is odd and whose rest (of 2^64) follows it grow in magnitude? */
static inline bool rounds_up(unsigned rounding, unsigned sign, bool odd, uint64_t rest)
{
    switch (rounding) {
    case FP_NEAREST: return rest > TOP_BIT || (rest == TOP_BIT && odd);
    case FP_DOWN: return sign && rest;
    case FP_UP: return !sign && rest;
    default: return false;
    }
}

/*
 * Rounds hi:lo to the upper precision bits of hi. Returns the rest that was cut off; *up: hi was
 * incremented (it is 0 if that carried out).
 */
static inline uint64_t round_at(unsigned rounding, unsigned sign, uint64_t *hi, uint64_t lo,
                                unsigned precision, bool *up)
{
    uint64_t rest = lo, unit = 1;

    if (precision < 64) {
        unit = (uint64_t)1 << (64 - precision);
        rest = *hi << precision | (lo != 0);
        *hi &= ~(unit - 1);
    }
    *up = rounds_up(rounding, sign, *hi & unit, rest);
    *hi += *up ? unit : 0;
    return rest;
}

static inline bool overflows_to_inf(const struct fp_ctx *c, unsigned sign)
{
    return c->rounding == FP_NEAREST || c->rounding == (sign ? FP_DOWN : FP_UP);
}

/* ---- numbers ---- */

static inline void note_denormals(struct fp_ctx *c, const struct fp_num *a, const struct fp_num *b)
{
    if (a->denormal || b->denormal) {
        c->flags |= FP_DE;
    }
}

/* Leading bit of a result to bit 63; all bits 0: class NUM_ZERO. */
static inline void num_normalise(struct fp_num *n)
{
    unsigned s;

    if (n->mant >> 63) {
        return;
    }
    if (!n->mant) {
        if (!n->lo) {
            n->class = NUM_ZERO;
            return;
        }
        n->mant = n->lo;
        n->lo = 0;
        n->exp -= 64;
    }
    s = clz64(n->mant);
    if (s) {
        n->mant = n->mant << s | n->lo >> (64 - s);
        n->lo <<= s;
        n->exp -= (int32_t)s;
    }
}

/* Both normal. The result is normalised; an exact difference of 0 has mant 0. */
static inline struct fp_num num_add_normal(unsigned rounding, struct fp_num a, struct fp_num b)
{
    if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
        struct fp_num t = a;

        a = b;
        b = t;
    }
    b.lo = 0;
    shift_right_jam(&b.mant, &b.lo, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        a.lo = b.lo;
        a.mant += b.mant;
        if (a.mant < b.mant) {
            a.lo = a.mant << 63 | a.lo >> 1 | (a.lo & 1);
            a.mant = a.mant >> 1 | TOP_BIT;
            a.exp++;
        }
        return a;
    }
    a.lo = 0 - b.lo;
    a.mant -= b.mant + (b.lo != 0);
    num_normalise(&a);
    if (a.class == NUM_ZERO) {
        a.sign = rounding == FP_DOWN;
    }
    return a;
}

static inline struct fp_num num_div_normal(struct fp_num a, struct fp_num b)
{
    uint64_t rem;

    a.sign ^= b.sign;
    a.exp -= b.exp;
    if (a.mant < b.mant) {
        a.exp--;
        a.mant = div64(a.mant, 0, b.mant, &rem);
    } else {
        a.mant = div64(a.mant >> 1, a.mant << 63, b.mant, &rem);
    }
    a.lo = 0;
    if (rem) { /* below, at or above one half */
        uint64_t twice = rem << 1;

        a.lo = rem >> 63 || twice > b.mant ? TOP_BIT | 1 : twice == b.mant ? TOP_BIT : 1;
    }
    return a;
}

static inline struct fp_num num_from_i64(int64_t v)
{
    struct fp_num n = {.sign = v < 0, .class = v ? NUM_NORMAL : NUM_ZERO};

    if (v) {
        n.mant = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
        n.exp = 63;
        num_normalise(&n);
    }
    return n;
}

/* Neither is a NaN. */
static inline enum fp_relation num_compare(const struct fp_num *a, const struct fp_num *b)
{
    int sign, cmp;

    if (a->class == NUM_ZERO && b->class == NUM_ZERO) {
        return FP_EQUAL;
    }
    if (a->class == NUM_ZERO) {
        return b->sign ? FP_GREATER : FP_LESS;
    }
    if (b->class == NUM_ZERO || a->sign != b->sign) {
        return a->sign ? FP_LESS : FP_GREATER;
    }
    sign = a->sign ? -1 : 1;
    if (a->class == NUM_INF || b->class == NUM_INF) {
        cmp = (a->class == NUM_INF) - (b->class == NUM_INF);
    } else if (a->exp != b->exp) {
        cmp = a->exp < b->exp ? -1 : 1;
    } else {
        cmp = (a->mant > b->mant) - (a->mant < b->mant);
    }
    return (enum fp_relation)(cmp * sign);
}

/* Of numbers that are not NaN; an invalid operation gives class NUM_NAN. */
typedef struct fp_num (*num_op2)(struct fp_ctx *c, struct fp_num a, struct fp_num b);
struct fp_num num_add(struct fp_ctx *c, struct fp_num a, struct fp_num b);
struct fp_num num_mul(struct fp_ctx *c, struct fp_num a, struct fp_num b);
struct fp_num num_div(struct fp_ctx *c, struct fp_num a, struct fp_num b);
struct fp_num num_sqrt(struct fp_ctx *c, struct fp_num a);
/* |a| as an integer, rounded. Only for exp < 64. *rest: what was cut off. */
uint64_t num_round_int(unsigned rounding, const struct fp_num *a, uint64_t *rest, bool *up);
/* The most negative integer of that size if it does not fit. */
int64_t num_to_int(struct fp_ctx *c, const struct fp_num *a, unsigned bits, bool truncate);

/* ---- single and double ---- */

struct fp_format {
    uint8_t frac; /* stored bits of the fraction */
    uint8_t bits; /* of the whole */
    int16_t bias;
    int16_t max_exp; /* biased exponent of infinities */
};

static const struct fp_format fmt_f32 = {23, 32, 127, 255};
static const struct fp_format fmt_f64 = {52, 64, 1023, 2047};

static inline uint64_t fmt_make(const struct fp_format *f, unsigned sign, int32_t exp,
                                uint64_t frac)
{
    return (uint64_t)sign << (f->bits - 1) | (uint64_t)exp << f->frac | frac;
}

static inline uint64_t fmt_quiet_bit(const struct fp_format *f)
{
    return (uint64_t)1 << (f->frac - 1);
}

static inline uint64_t fmt_indefinite(const struct fp_format *f)
{
    return fmt_make(f, 1, f->max_exp, fmt_quiet_bit(f));
}

static inline struct fp_num fmt_unpack(const struct fp_format *f, uint64_t v, bool daz)
{
    uint64_t frac = v & (((uint64_t)1 << f->frac) - 1);
    int32_t exp = (int32_t)(v >> f->frac & (uint64_t)f->max_exp);
    struct fp_num n = {.sign = v >> (f->bits - 1) & 1, .class = NUM_NORMAL};

    if (exp == f->max_exp) {
        n.class = frac ? NUM_NAN : NUM_INF;
        n.mant = TOP_BIT | frac << (63 - f->frac);
    } else if (exp) {
        n.mant = TOP_BIT | frac << (63 - f->frac);
        n.exp = exp - f->bias;
    } else if (!frac || daz) {
        n.class = NUM_ZERO;
    } else {
        n.mant = frac << (63 - f->frac);
        n.denormal = true;
        n.exp = 1 - f->bias - (int32_t)clz64(n.mant);
        n.mant <<= clz64(n.mant);
    }
    return n;
}

/* Rounds to the format; softfloat.c. */
uint64_t fmt_pack(struct fp_ctx *c, const struct fp_format *f, const struct fp_num *n);

#endif
