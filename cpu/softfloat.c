/* SPDX-License-Identifier: MIT */
/*
 * Single and double, as SSE has them: packing, NaNs, and the operations on the format's bits.
 */
#include "cpu/softfloat_num.h"

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

uint64_t fmt_pack(struct fp_ctx *c, const struct fp_format *f, const struct fp_num *n)
{
    switch (n->class) {
    case NUM_NORMAL: return fmt_round_pack(c, f, n);
    case NUM_ZERO: return fmt_make(f, n->sign, 0, 0);
    case NUM_INF: return fmt_make(f, n->sign, f->max_exp, 0);
    default: return fmt_indefinite(f); /* an invalid operation */
    }
}

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
