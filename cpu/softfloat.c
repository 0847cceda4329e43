/* SPDX-License-Identifier: MIT */
/*
 * IEEE 754 arithmetic on integers (softfloat.h says for whom).
 *
 * Every format is unpacked into struct fp_num, the arithmetic is done once on that, and the exact
 * result (128 bits, the last one sticky) is rounded into the destination. Extended operands that
 * are normal skip the unpacking.
 */
#include "cpu/softfloat.h"

#include <math.h>

#include "cpu/int128.h"

#define TOP_BIT 0x8000000000000000u
#define QUIET80 0x4000000000000000u

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

/* ---- 128-bit helpers ---- */

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

/* ---- rounding ---- */

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

static bool overflows_to_inf(const struct fp_ctx *c, unsigned sign)
{
    return c->rounding == FP_NEAREST || c->rounding == (sign ? FP_DOWN : FP_UP);
}

#define F80_WRAP 24576 /* bias adjustment of an unmasked overflow or underflow */

static struct f80 f80_overflow(struct fp_ctx *c, unsigned sign, unsigned precision)
{
    c->flags |= FP_OE | FP_PE;
    c->rounded_up = overflows_to_inf(c, sign);
    if (c->rounded_up) {
        return f80_make(sign, 0x7fff, TOP_BIT);
    }
    return f80_make(sign, 0x7ffe, ~(uint64_t)0 << (64 - precision));
}

static struct f80 f80_tiny(struct fp_ctx *c, unsigned sign, int32_t exp, uint64_t hi, uint64_t lo,
                           unsigned precision)
{
    uint64_t trial = hi;
    bool up, tiny;
    uint64_t rest = round_at(c->rounding, sign, &trial, lo, precision, &up);

    tiny = exp < 0 || trial; /* a carry out makes the smallest normal number */
    if (tiny && c->unmasked & FP_UE) {
        c->flags |= FP_UE | (rest ? FP_PE : 0);
        c->rounded_up = up;
        exp += F80_WRAP + !trial;
        if (exp <= 0) { /* FSCALE: too small even so */
            c->flags |= FP_PE;
            return f80_make(sign, 0, 0);
        }
        return f80_make(sign, (unsigned)exp, trial ? trial : TOP_BIT);
    }
    shift_right_jam(&hi, &lo, (unsigned)(1 - exp));
    rest = round_at(c->rounding, sign, &hi, lo, precision, &up);
    c->rounded_up = up;
    if (rest) {
        c->flags |= tiny ? FP_UE | FP_PE : FP_PE;
    }
    return f80_make(sign, hi >> 63, hi);
}

struct f80 f80_round_pack(struct fp_ctx *c, unsigned sign, int32_t exp, uint64_t hi, uint64_t lo,
                          unsigned precision)
{
    bool up;

    c->rounded_up = false;
    if (!(hi >> 63)) {
        unsigned n;

        if (!hi) {
            if (!lo) {
                return f80_make(sign, 0, 0);
            }
            hi = lo;
            lo = 0;
            exp -= 64;
        }
        n = clz64(hi);
        if (n) {
            hi = hi << n | lo >> (64 - n);
            lo <<= n;
            exp -= (int32_t)n;
        }
    }
    if (exp <= 0) {
        return f80_tiny(c, sign, exp, hi, lo, precision);
    }
    uint64_t before = hi, rest = round_at(c->rounding, sign, &hi, lo, precision, &up);

    if (hi < before && up) {
        hi = TOP_BIT;
        exp++;
    }
    if (exp >= 0x7fff) {
        if (!(c->unmasked & FP_OE)) {
            return f80_overflow(c, sign, precision);
        }
        if (exp - F80_WRAP >= 0x7fff) { /* FSCALE: too large even so */
            c->flags |= FP_OE | FP_PE;
            c->rounded_up = true;
            return f80_make(sign, 0x7fff, TOP_BIT);
        }
        c->flags |= FP_OE;
        exp -= F80_WRAP;
    }
    if (rest) {
        c->flags |= FP_PE;
        c->rounded_up = up;
    }
    return f80_make(sign, (unsigned)exp, hi);
}

/* The common case of the above: normalised, result normal. */
static inline __attribute__((always_inline)) struct f80
f80_pack(struct fp_ctx *c, unsigned sign, int32_t exp, uint64_t hi, uint64_t lo)
{
    if (LIKELY(hi >> 63 && (uint32_t)(exp - 1) < 0x7ffd && c->precision == 64)) {
        bool up;

        c->rounded_up = false;
        if (!lo) {
            return f80_make(sign, (unsigned)exp, hi);
        }
        c->flags |= FP_PE;
        up = rounds_up(c->rounding, sign, hi & 1, lo);
        hi += up;
        c->rounded_up = up;
        if (UNLIKELY(!hi)) {
            hi = TOP_BIT;
            exp++;
        }
        return f80_make(sign, (unsigned)exp, hi);
    }
    return f80_round_pack(c, sign, exp, hi, lo, c->precision);
}

/* ---- single and double: formats ---- */

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

/* mant:lo normalised. */
static uint64_t fmt_round_pack(struct fp_ctx *c, const struct fp_format *f, const struct fp_num *n)
{
    uint64_t hi = n->mant, lo = n->lo, rest;
    int32_t exp = n->exp + f->bias;
    unsigned precision = f->frac + 1u;
    bool up, tiny = false;

    if (exp <= 0) {
        uint64_t trial = hi;
        bool trial_up;

        rest = round_at(c->rounding, n->sign, &trial, lo, precision, &trial_up);
        tiny = exp < 0 || trial;
        if (tiny && c->ftz && !(c->unmasked & FP_UE)) {
            c->flags |= FP_UE | FP_PE;
            c->rounded_up = false;
            return fmt_make(f, n->sign, 0, 0);
        }
        if (tiny && c->unmasked & FP_UE) { /* nothing will be stored */
            c->flags |= FP_UE | (rest ? FP_PE : 0);
            c->rounded_up = false;
            return fmt_make(f, n->sign, 0, 0);
        }
        shift_right_jam(&hi, &lo, (unsigned)(1 - exp));
        exp = 0;
    }
    rest = round_at(c->rounding, n->sign, &hi, lo, precision, &up);
    if (up && !hi) {
        hi = TOP_BIT;
        exp++;
    }
    c->rounded_up = up;
    if (rest) {
        c->flags |= tiny ? FP_UE | FP_PE : FP_PE;
    }
    if (exp >= f->max_exp) {
        /* Unmasked: nothing will be stored, and the trap handler sees only what was rounded off. */
        c->flags |= c->unmasked & FP_OE ? FP_OE : FP_OE | FP_PE;
        if (!(c->unmasked & FP_OE)) {
            c->rounded_up = overflows_to_inf(c, n->sign);
        }
        if (overflows_to_inf(c, n->sign)) {
            return fmt_make(f, n->sign, f->max_exp, 0);
        }
        return fmt_make(f, n->sign, f->max_exp, 0) - 1;
    }
    if (!exp) {
        exp = (int32_t)(hi >> 63); /* rounded up to the smallest normal number, or still denormal */
    }
    return fmt_make(f, n->sign, exp, hi << 1 >> (64 - f->frac));
}

static uint64_t fmt_pack(struct fp_ctx *c, const struct fp_format *f, const struct fp_num *n)
{
    switch (n->class) {
    case NUM_NORMAL: return fmt_round_pack(c, f, n);
    case NUM_ZERO: return fmt_make(f, n->sign, 0, 0);
    case NUM_INF: return fmt_make(f, n->sign, f->max_exp, 0);
    default: return fmt_indefinite(f); /* an invalid operation */
    }
}

/* ---- arithmetic on numbers that are not NaN; an invalid operation gives class NUM_NAN ---- */

static inline struct fp_num num_invalid(struct fp_ctx *c)
{
    c->flags |= FP_IE;
    return (struct fp_num){.class = NUM_NAN};
}

static inline struct fp_num num_special(unsigned class, unsigned sign)
{
    return (struct fp_num){.class = (uint8_t) class, .sign = (uint8_t)sign};
}

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

static struct fp_num num_add(struct fp_ctx *c, struct fp_num a, struct fp_num b)
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

static struct fp_num num_mul(struct fp_ctx *c, struct fp_num a, struct fp_num b)
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

static struct fp_num num_div(struct fp_ctx *c, struct fp_num a, struct fp_num b)
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

static struct fp_num num_sqrt(struct fp_ctx *c, struct fp_num a)
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

static enum fp_relation num_compare(const struct fp_num *a, const struct fp_num *b)
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

/* |a| as an integer, rounded. Only for exp < 64. *rest: what was cut off. */
static uint64_t num_round_int(unsigned rounding, const struct fp_num *a, uint64_t *rest, bool *up)
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

/* The most negative integer of that size if it does not fit. */
static int64_t num_to_int(struct fp_ctx *c, const struct fp_num *a, unsigned bits, bool truncate)
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

static struct fp_num num_from_i64(int64_t v)
{
    struct fp_num n = {.sign = v < 0, .class = v ? NUM_NORMAL : NUM_ZERO};

    if (v) {
        n.mant = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
        n.exp = 63;
        num_normalise(&n);
    }
    return n;
}

/* ---- single and double: operations ---- */

static inline bool fmt_is_nan(const struct fp_format *f, uint64_t v)
{
    return (v << (64 - f->bits)) << 1 > (uint64_t)f->max_exp << f->frac << (64 - f->bits) << 1;
}

static inline bool fmt_is_snan(const struct fp_format *f, uint64_t v)
{
    return fmt_is_nan(f, v) && !(v & fmt_quiet_bit(f));
}

/* SSE: the first operand if it is a NaN, else the second. */
static uint64_t fmt_nan(struct fp_ctx *c, const struct fp_format *f, uint64_t a, uint64_t b)
{
    if (fmt_is_snan(f, a) || fmt_is_snan(f, b)) {
        c->flags |= FP_IE;
    }
    return (fmt_is_nan(f, a) ? a : b) | fmt_quiet_bit(f);
}

typedef struct fp_num (*num_op2)(struct fp_ctx *c, struct fp_num a, struct fp_num b);

static inline uint64_t fmt_op2(struct fp_ctx *c, const struct fp_format *f, uint64_t a, uint64_t b,
                               num_op2 op)
{
    struct fp_num r;

    if (UNLIKELY(fmt_is_nan(f, a) || fmt_is_nan(f, b))) {
        return fmt_nan(c, f, a, b);
    }
    r = op(c, fmt_unpack(f, a, c->daz), fmt_unpack(f, b, c->daz));
    return fmt_pack(c, f, &r);
}

static inline uint64_t fmt_sqrt(struct fp_ctx *c, const struct fp_format *f, uint64_t a)
{
    struct fp_num r;

    if (fmt_is_nan(f, a)) {
        return fmt_nan(c, f, a, a);
    }
    r = num_sqrt(c, fmt_unpack(f, a, c->daz));
    return fmt_pack(c, f, &r);
}

static inline enum fp_relation fmt_compare(struct fp_ctx *c, const struct fp_format *f, uint64_t a,
                                           uint64_t b, bool signalling)
{
    struct fp_num na, nb;

    if (fmt_is_nan(f, a) || fmt_is_nan(f, b)) {
        if (signalling || fmt_is_snan(f, a) || fmt_is_snan(f, b)) {
            c->flags |= FP_IE;
        }
        return FP_UNORDERED;
    }
    na = fmt_unpack(f, a, c->daz);
    nb = fmt_unpack(f, b, c->daz);
    note_denormals(c, &na, &nb);
    return num_compare(&na, &nb);
}

static inline int32_t fmt_to_i32(struct fp_ctx *c, const struct fp_format *f, uint64_t a,
                                 bool truncate)
{
    struct fp_num n = fmt_unpack(f, a, c->daz);

    return (int32_t)num_to_int(c, &n, 32, truncate);
}

static inline uint64_t fmt_from_i32(struct fp_ctx *c, const struct fp_format *f, int32_t v)
{
    struct fp_num n = num_from_i64(v);

    return fmt_pack(c, f, &n);
}

#define FP_DEFINE(name, type)                                                              \
    type name##_add(struct fp_ctx *c, type a, type b)                                      \
    {                                                                                      \
        return (type)fmt_op2(c, &fmt_##name, a, b, num_add);                               \
    }                                                                                      \
    type name##_sub(struct fp_ctx *c, type a, type b)                                      \
    {                                                                                      \
        type sign = (type)1 << (8 * sizeof(type) - 1);                                     \
                                                                                           \
        /* a NaN is passed on with its own sign */                                         \
        return (type)fmt_op2(c, &fmt_##name, a, fmt_is_nan(&fmt_##name, b) ? b : b ^ sign, \
                             num_add);                                                     \
    }                                                                                      \
    type name##_mul(struct fp_ctx *c, type a, type b)                                      \
    {                                                                                      \
        return (type)fmt_op2(c, &fmt_##name, a, b, num_mul);                               \
    }                                                                                      \
    type name##_div(struct fp_ctx *c, type a, type b)                                      \
    {                                                                                      \
        return (type)fmt_op2(c, &fmt_##name, a, b, num_div);                               \
    }                                                                                      \
    type name##_sqrt(struct fp_ctx *c, type a)                                             \
    {                                                                                      \
        return (type)fmt_sqrt(c, &fmt_##name, a);                                          \
    }                                                                                      \
    enum fp_relation name##_compare(struct fp_ctx *c, type a, type b, bool signalling)     \
    {                                                                                      \
        return fmt_compare(c, &fmt_##name, a, b, signalling);                              \
    }                                                                                      \
    int32_t name##_to_i32(struct fp_ctx *c, type a, bool truncate)                         \
    {                                                                                      \
        return fmt_to_i32(c, &fmt_##name, a, truncate);                                    \
    }                                                                                      \
    type name##_from_i32(struct fp_ctx *c, int32_t v)                                      \
    {                                                                                      \
        return (type)fmt_from_i32(c, &fmt_##name, v);                                      \
    }

FP_DEFINE(f32, uint32_t)
FP_DEFINE(f64, uint64_t)

static uint64_t fmt_convert(struct fp_ctx *c, const struct fp_format *to,
                            const struct fp_format *from, uint64_t a)
{
    struct fp_num n;

    if (fmt_is_nan(from, a)) {
        uint64_t frac = fmt_nan(c, from, a, a) << (64 - from->frac) >> (64 - to->frac);

        return fmt_make(to, a >> (from->bits - 1), to->max_exp, frac);
    }
    n = fmt_unpack(from, a, c->daz);
    note_denormals(c, &n, &n);
    return fmt_pack(c, to, &n);
}

uint64_t f32_to_f64(struct fp_ctx *c, uint32_t a)
{
    return fmt_convert(c, &fmt_f64, &fmt_f32, a);
}

uint32_t f64_to_f32(struct fp_ctx *c, uint64_t a)
{
    return (uint32_t)fmt_convert(c, &fmt_f32, &fmt_f64, a);
}

/* ---- extended: unpack, pack, NaNs ---- */

static inline struct fp_num f80_unpack(struct f80 a)
{
    struct fp_num n = {
        .mant = a.mant, .exp = F80_EXP(a) - F80_BIAS, .sign = F80_SIGN(a), .class = NUM_NORMAL};

    if (F80_EXP(a) == 0x7fff) {
        n.class = a.mant << 1 ? NUM_NAN : NUM_INF;
    } else if (!F80_EXP(a)) {
        n.exp = 1 - F80_BIAS;
        n.class = NUM_ZERO;
        if (a.mant) {
            n.class = NUM_NORMAL;
            n.denormal = true;
            num_normalise(&n);
        }
    }
    return n;
}

/* Both operands normal: no classes to look at. */
static inline struct fp_num f80_unpack_normal(struct f80 a)
{
    return (struct fp_num){
        .mant = a.mant, .exp = F80_EXP(a) - F80_BIAS, .sign = F80_SIGN(a), .class = NUM_NORMAL};
}

static struct f80 f80_pack_class(struct fp_ctx *c, const struct fp_num *n, unsigned precision)
{
    c->rounded_up = false;
    switch (n->class) {
    case NUM_NORMAL:
        return f80_round_pack(c, n->sign, n->exp + F80_BIAS, n->mant, n->lo, precision);
    case NUM_ZERO: return f80_make(n->sign, 0, 0);
    case NUM_INF: return f80_make(n->sign, 0x7fff, TOP_BIT);
    default: return F80_INDEFINITE;
    }
}

static inline bool f80_is_odd_one(struct f80 a) /* what f80_propagate_nan() takes */
{
    return f80_is_nan(a) || f80_is_unsupported(a);
}

struct f80 f80_propagate_nan(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    bool a_nan = f80_is_nan(a), b_nan = f80_is_nan(b);
    bool a_snan = f80_is_snan(a), b_snan = f80_is_snan(b);
    struct f80 r;

    c->rounded_up = false;
    if (f80_is_unsupported(a) || f80_is_unsupported(b)) {
        c->flags |= FP_IE;
        return F80_INDEFINITE;
    }
    if (a_snan || b_snan) {
        c->flags |= FP_IE;
    }
    if (a_nan && b_nan && a_snan == b_snan) {
        /* the larger significand; of equal ones the positive NaN */
        uint64_t qa = a.mant | QUIET80, qb = b.mant | QUIET80;

        r = qa > qb ? a : qa < qb ? b : F80_SIGN(a) ? b : a;
    } else if (a_nan && b_nan) {
        r = a_snan ? b : a; /* the quiet one */
    } else {
        r = a_nan ? a : b;
    }
    r.mant |= QUIET80;
    return r;
}

/* ---- extended: arithmetic ---- */

static struct f80 f80_op2_slow(struct fp_ctx *c, struct f80 a, struct f80 b, num_op2 op)
{
    struct fp_num r;

    if (f80_is_odd_one(a) || f80_is_odd_one(b)) {
        return f80_propagate_nan(c, a, b);
    }
    r = op(c, f80_unpack(a), f80_unpack(b));
    return f80_pack_class(c, &r, c->precision);
}

static inline struct f80 f80_pack_normal(struct fp_ctx *c, const struct fp_num *r)
{
    return f80_pack(c, r->sign, r->exp + F80_BIAS, r->mant, r->lo);
}

/* Both normal. The common operation, so it does without fp_num. */
static inline __attribute__((always_inline)) struct f80 f80_add_normal(struct fp_ctx *c,
                                                                       struct f80 a, struct f80 b)
{
    uint64_t hi, lo;
    int32_t exp;
    unsigned d;

    if (F80_EXP(a) < F80_EXP(b) || (F80_EXP(a) == F80_EXP(b) && a.mant < b.mant)) {
        struct f80 t = a;

        a = b;
        b = t;
    }
    exp = F80_EXP(a);
    d = (unsigned)(exp - F80_EXP(b));
    lo = 0;
    hi = b.mant;
    if (LIKELY(d < 64)) {
        lo = hi << 1 << (63 - d);
        hi >>= d;
    } else {
        shift_right_jam(&hi, &lo, d);
    }
    if (!((a.sexp ^ b.sexp) & 0x8000)) {
        hi += a.mant;
        if (hi < a.mant) {
            lo = hi << 63 | lo >> 1 | (lo & 1);
            hi = hi >> 1 | TOP_BIT;
            exp++;
        }
        return f80_pack(c, F80_SIGN(a), exp, hi, lo);
    }
    hi = a.mant - hi - (lo != 0);
    lo = 0 - lo;
    if (LIKELY(hi)) {
        unsigned n = clz64(hi);

        hi = hi << n | lo >> 1 >> (63 - n);
        lo <<= n;
        return f80_pack(c, F80_SIGN(a), exp - (int32_t)n, hi, lo);
    }
    if (!lo) {
        c->rounded_up = false;
        return f80_make(c->rounding == FP_DOWN, 0, 0);
    }
    return f80_round_pack(c, F80_SIGN(a), exp, hi, lo, c->precision);
}

struct f80 f80_add(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    if (LIKELY(f80_is_normal(a) && f80_is_normal(b))) {
        return f80_add_normal(c, a, b);
    }
    return f80_op2_slow(c, a, b, num_add);
}

struct f80 f80_sub(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    if (LIKELY(f80_is_normal(a) && f80_is_normal(b))) {
        b.sexp ^= 0x8000;
        return f80_add_normal(c, a, b);
    }
    if (f80_is_odd_one(a) || f80_is_odd_one(b)) {
        return f80_propagate_nan(c, a, b);
    }
    b.sexp ^= 0x8000;
    return f80_op2_slow(c, a, b, num_add);
}

struct f80 f80_mul(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    if (LIKELY(f80_is_normal(a) && f80_is_normal(b))) {
        int32_t exp = F80_EXP(a) + F80_EXP(b) - (F80_BIAS - 1);
        uint64_t lo, hi = mul64(a.mant, b.mant, &lo);

        if (!(hi >> 63)) {
            hi = hi << 1 | lo >> 63;
            lo <<= 1;
            exp--;
        }
        return f80_pack(c, (a.sexp ^ b.sexp) >> 15, exp, hi, lo);
    }
    return f80_op2_slow(c, a, b, num_mul);
}

struct f80 f80_div(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    if (LIKELY(f80_is_normal(a) && f80_is_normal(b))) {
        struct fp_num r = num_div_normal(f80_unpack_normal(a), f80_unpack_normal(b));

        return f80_pack_normal(c, &r);
    }
    return f80_op2_slow(c, a, b, num_div);
}

struct f80 f80_sqrt(struct fp_ctx *c, struct f80 a)
{
    struct fp_num r;

    if (f80_is_odd_one(a)) {
        return f80_propagate_nan(c, a, a);
    }
    r = num_sqrt(c, f80_unpack(a));
    return f80_pack_class(c, &r, c->precision);
}

struct f80 f80_round_int(struct fp_ctx *c, struct f80 a)
{
    struct fp_num n;
    uint64_t rest, v;
    bool up;

    c->rounded_up = false;
    if (f80_is_odd_one(a)) {
        return f80_propagate_nan(c, a, a);
    }
    n = f80_unpack(a);
    note_denormals(c, &n, &n);
    if (n.class != NUM_NORMAL || n.exp >= 63) {
        return a;
    }
    v = num_round_int(c->rounding, &n, &rest, &up);
    if (rest) {
        c->flags |= FP_PE;
        c->rounded_up = up;
    }
    if (!v) {
        return f80_make(n.sign, 0, 0);
    }
    return f80_make(n.sign, F80_BIAS + 63 - clz64(v), v << clz64(v));
}

struct f80 f80_scale(struct fp_ctx *c, struct f80 a, struct f80 b)
{
    struct fp_num na, nb;
    int32_t by;

    c->rounded_up = false;
    if (f80_is_odd_one(a) || f80_is_odd_one(b)) {
        return f80_propagate_nan(c, a, b);
    }
    na = f80_unpack(a);
    nb = f80_unpack(b);
    if (nb.class == NUM_INF) {
        if (na.class == (nb.sign ? NUM_INF : NUM_ZERO)) {
            c->flags |= FP_IE;
            return F80_INDEFINITE;
        }
        note_denormals(c, &na, &nb);
        return nb.sign ? f80_make(na.sign, 0, 0) : f80_make(na.sign, 0x7fff, TOP_BIT);
    }
    note_denormals(c, &na, &nb);
    if (na.class != NUM_NORMAL) {
        return a;
    }
    by = 0;
    if (nb.class == NUM_NORMAL && nb.exp >= 0) {
        by = nb.exp > 16 ? 0x20000 : (int32_t)(nb.mant >> (63 - nb.exp));
        by = nb.sign ? -by : by;
    }
    return f80_round_pack(c, na.sign, na.exp + F80_BIAS + by, na.mant, 0, 64);
}

struct f80 f80_extract(struct fp_ctx *c, struct f80 a, struct f80 *significand)
{
    struct fp_num n;

    c->rounded_up = false;
    if (f80_is_odd_one(a)) {
        return *significand = f80_propagate_nan(c, a, a);
    }
    n = f80_unpack(a);
    note_denormals(c, &n, &n);
    *significand = a;
    if (n.class == NUM_ZERO) {
        c->flags |= FP_ZE;
        return f80_make(1, 0x7fff, TOP_BIT);
    }
    if (n.class == NUM_INF) {
        return f80_make(0, 0x7fff, TOP_BIT);
    }
    *significand = f80_make(n.sign, F80_BIAS, n.mant);
    return f80_from_i64(n.exp);
}

/* The remainder's rounding step of FPREM1: quotient to nearest even. Returns true if it grew. */
static bool rem_to_nearest(struct fp_num *r, const struct fp_num *b, uint64_t quotient)
{
    /* r is a multiple of b's last bit scaled so that both have exponent b->exp, or one less */
    struct fp_num half = *b;
    enum fp_relation rel;
    unsigned sign = r->sign;

    half.exp--;
    half.sign = 0;
    r->sign = 0;
    rel = num_compare(r, &half);
    r->sign = (uint8_t)sign;
    if (rel == FP_LESS || (rel == FP_EQUAL && !(quotient & 1))) {
        return false;
    }
    half.exp++;
    half.sign = (uint8_t)!sign;
    half.class = NUM_NORMAL;
    *r = num_add_normal(FP_NEAREST, *r, half); /* exact: both lie on the same grid */
    return true;
}

struct f80 f80_rem(struct fp_ctx *c, struct f80 a, struct f80 b, bool nearest, uint64_t *quotient,
                   bool *partial)
{
    struct fp_num na, nb, r;
    int32_t diff;
    uint64_t q = 0, m;

    *quotient = 0;
    *partial = false;
    c->rounded_up = false;
    if (f80_is_odd_one(a) || f80_is_odd_one(b)) {
        return f80_propagate_nan(c, a, b);
    }
    na = f80_unpack(a);
    nb = f80_unpack(b);
    if (na.class == NUM_INF || nb.class == NUM_ZERO) {
        c->flags |= FP_IE;
        return F80_INDEFINITE;
    }
    note_denormals(c, &na, &nb);
    if (na.class == NUM_ZERO) {
        return f80_make(na.sign, 0, 0);
    }
    if (nb.class == NUM_INF) {
        return f80_pack_class(c, &na, 64);
    }
    diff = na.exp - nb.exp;
    if (diff >= 64) { /* reduce the exponent difference by 32 to 63 */
        int32_t n = (diff & 31) | 32;

        *partial = true;
        nb.exp += diff - n;
        diff = n;
    }
    r = na;
    if (diff >= 0) {
        uint64_t hi, lo;

        /* mant << diff = hi:lo; hi < b once b itself was taken off */
        m = na.mant;
        hi = diff ? m >> (64 - diff) : 0;
        lo = m << diff;
        if (hi >= nb.mant) { /* not with diff < 64: hi has diff bits at most */
            hi -= nb.mant;
        }
        q = div64(hi, lo, nb.mant, &m);
        r.exp = nb.exp;
        r.mant = m;
        r.class = NUM_NORMAL;
        num_normalise(&r);
    }
    if (nearest && !*partial && diff >= -1) {
        q += rem_to_nearest(&r, &nb, q);
    }
    *quotient = q;
    if (r.class == NUM_ZERO || !r.mant) {
        return f80_make(na.sign, 0, 0);
    }
    r.lo = 0;
    return f80_pack_class(c, &r, 64);
}

enum fp_relation f80_compare(struct fp_ctx *c, struct f80 a, struct f80 b, bool signalling)
{
    struct fp_num na, nb;

    if (LIKELY(f80_is_normal(a) && f80_is_normal(b))) {
        bool less = F80_EXP(a) != F80_EXP(b) ? F80_EXP(a) < F80_EXP(b) : a.mant < b.mant;

        if (a.mant == b.mant && a.sexp == b.sexp) {
            return FP_EQUAL;
        }
        less &= !((a.sexp ^ b.sexp) & 0x8000);
        return less != F80_SIGN(a) ? FP_LESS : FP_GREATER;
    }
    if (f80_is_odd_one(a) || f80_is_odd_one(b)) {
        if (signalling || f80_is_unsupported(a) || f80_is_unsupported(b) || f80_is_snan(a) ||
            f80_is_snan(b)) {
            c->flags |= FP_IE;
        }
        return FP_UNORDERED;
    }
    na = f80_unpack(a);
    nb = f80_unpack(b);
    note_denormals(c, &na, &nb);
    return num_compare(&na, &nb);
}

/* ---- extended: conversions ---- */

struct f80 f80_from_i64(int64_t v)
{
    struct fp_num n = num_from_i64(v);

    return n.class == NUM_ZERO ? f80_make(0, 0, 0)
                               : f80_make(n.sign, (unsigned)(n.exp + F80_BIAS), n.mant);
}

static inline struct f80 f80_widen(struct fp_ctx *c, const struct fp_format *f, uint64_t a)
{
    int32_t exp = (int32_t)(a >> f->frac & (uint64_t)f->max_exp);
    struct fp_num n;

    if (LIKELY((uint32_t)(exp - 1) < f->max_exp - 1u)) {
        return f80_make(a >> (f->bits - 1) & 1, (unsigned)(exp - f->bias + F80_BIAS),
                        TOP_BIT | a << (63 - f->frac));
    }
    n = fmt_unpack(f, a, false);
    if (n.class == NUM_NORMAL) {
        c->flags |= n.denormal ? FP_DE : 0;
        return f80_make(n.sign, (unsigned)(n.exp + F80_BIAS), n.mant);
    }
    if (n.class == NUM_ZERO) {
        return f80_make(n.sign, 0, 0);
    }
    return f80_make(n.sign, 0x7fff, n.class == NUM_INF ? TOP_BIT : n.mant);
}

struct f80 f80_operand_f32(struct fp_ctx *c, uint32_t a)
{
    return f80_widen(c, &fmt_f32, a);
}

struct f80 f80_operand_f64(struct fp_ctx *c, uint64_t a)
{
    return f80_widen(c, &fmt_f64, a);
}

static inline struct f80 f80_quiet(struct fp_ctx *c, struct f80 a)
{
    if (f80_is_snan(a)) {
        c->flags |= FP_IE;
        a.mant |= QUIET80;
    }
    return a;
}

struct f80 f80_from_f32(struct fp_ctx *c, uint32_t a)
{
    return f80_quiet(c, f80_widen(c, &fmt_f32, a));
}

struct f80 f80_from_f64(struct fp_ctx *c, uint64_t a)
{
    return f80_quiet(c, f80_widen(c, &fmt_f64, a));
}

static inline uint64_t f80_to_fmt(struct fp_ctx *c, const struct fp_format *f, struct f80 a)
{
    int32_t exp = F80_EXP(a) - F80_BIAS + f->bias;
    struct fp_num n;

    if (LIKELY((uint32_t)(exp - 1) < f->max_exp - 2u && a.mant >> 63)) {
        uint64_t hi = a.mant, rest = hi << (f->frac + 1);
        bool up = rounds_up(c->rounding, F80_SIGN(a), hi >> (63 - f->frac) & 1, rest);

        c->rounded_up = up;
        c->flags |= rest ? FP_PE : 0;
        /* A carry out of the fraction goes into the exponent. */
        return fmt_make(f, F80_SIGN(a), exp - 1, 0) + (hi >> (63 - f->frac)) + up;
    }
    c->rounded_up = false;
    if (f80_is_unsupported(a)) {
        c->flags |= FP_IE;
        return fmt_indefinite(f);
    }
    n = f80_unpack(a);
    if (UNLIKELY(n.class == NUM_NAN)) {
        if (f80_is_snan(a)) {
            c->flags |= FP_IE;
        }
        return fmt_make(f, n.sign, f->max_exp, (a.mant | QUIET80) << 1 >> (64 - f->frac));
    }
    return fmt_pack(c, f, &n);
}

uint32_t f80_to_f32(struct fp_ctx *c, struct f80 a)
{
    return (uint32_t)f80_to_fmt(c, &fmt_f32, a);
}

uint64_t f80_to_f64(struct fp_ctx *c, struct f80 a)
{
    return f80_to_fmt(c, &fmt_f64, a);
}

int64_t f80_to_int(struct fp_ctx *c, struct f80 a, unsigned bits, bool truncate)
{
    int32_t exp = F80_EXP(a) - F80_BIAS;

    if (LIKELY((uint32_t)exp < bits - 1 && a.mant >> 63)) {
        uint64_t v = a.mant >> (63 - exp), rest = a.mant << 1 << exp;
        bool up = rounds_up(truncate ? FP_TRUNCATE : c->rounding, F80_SIGN(a), v & 1, rest);

        v += up;
        if (LIKELY(!(v >> (bits - 1)))) {
            c->rounded_up = up;
            c->flags |= rest ? FP_PE : 0;
            return (int64_t)(F80_SIGN(a) ? 0 - v : v);
        }
    }
    struct fp_num n = f80_unpack(a);

    if (f80_is_unsupported(a)) {
        n.class = NUM_NAN;
    }
    return num_to_int(c, &n, bits, truncate);
}

struct f80 f80_from_bcd(const uint8_t bcd[10])
{
    uint64_t v = 0;
    struct f80 r;

    for (int i = 8; i >= 0; i--) {
        v = v * 100 + (bcd[i] >> 4) * 10u + (bcd[i] & 15u);
    }
    r = f80_from_i64((int64_t)v);
    r.sexp |= (uint16_t)((bcd[9] & 0x80) << 8);
    return r;
}

void f80_to_bcd(struct fp_ctx *c, struct f80 a, uint8_t bcd[10])
{
    static const uint8_t indefinite[10] = {0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff};
    const int64_t limit = 999999999999999999;
    struct fp_ctx trial = *c;
    int64_t v = f80_to_int(&trial, a, 64, false);
    uint64_t u;

    if (v > limit || v < -limit) {
        c->flags |= FP_IE;
        c->rounded_up = false;
        for (int i = 0; i < 10; i++) {
            bcd[i] = indefinite[i];
        }
        return;
    }
    *c = trial;
    u = (uint64_t)(v < 0 ? -v : v);
    for (int i = 0; i < 9; i++) {
        bcd[i] = (uint8_t)(u / 10 % 10 << 4 | u % 10);
        u /= 100;
    }
    bcd[9] = F80_SIGN(a) ? 0x80 : 0;
}
