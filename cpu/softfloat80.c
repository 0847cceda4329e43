/* SPDX-License-Identifier: MIT */
/*
 * The x87's extended format. Operands that are normal skip the unpacking.
 */
#include "cpu/softfloat_num.h"

#define QUIET80 0x4000000000000000u

/* ---- rounding ---- */

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

/* ---- unpack, pack, NaNs ---- */

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

/* ---- arithmetic ---- */

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

/* ---- conversions ---- */

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
