/* SPDX-License-Identifier: MIT */
/*
 * The x87's transcendental functions (SDM volume 1, 8.3.6-8.3.10), to well within a unit in the
 * last place of a 64-bit significand: series in 128-bit arithmetic.
 *
 * Circular arguments are reduced by a pi of 66 bits, as Intel's and AMD's units do: near multiples
 * of pi the results are those of the CPUs, not of mathematics.
 */
#include "cpu/softfloat.h"
#include "cpu/int128.h"

#define TOP_BIT 0x8000000000000000u

/* Fixed point with 127 fraction bits: 0 <= value < 2. */
struct u128 {
    uint64_t hi, lo;
};

/* m * 2^exp, m normalised to 1 <= m < 2, or 0. */
struct wide {
    struct u128 m;
    int32_t exp;
    unsigned sign;
};

/* clang-format off */
/* 1/n!, 127 fraction bits like all constants here */
static const struct u128 inverse_factorial[] = {
    {0x8000000000000000u, 0x0000000000000000u},
    {0x8000000000000000u, 0x0000000000000000u},
    {0x4000000000000000u, 0x0000000000000000u},
    {0x1555555555555555u, 0x5555555555555555u},
    {0x0555555555555555u, 0x5555555555555555u},
    {0x0111111111111111u, 0x1111111111111111u},
    {0x002d82d82d82d82du, 0x82d82d82d82d82d8u},
    {0x0006806806806806u, 0x8068068068068068u},
    {0x0000d00d00d00d00u, 0xd00d00d00d00d00du},
    {0x0000171de3a556c7u, 0x338faac1c88e5001u},
    {0x0000024fc9f6ef13u, 0xeb8e5de02da7d4ccu},
    {0x00000035cc8acfeau, 0x89c71fce8fc9706fu},
    {0x000000047bb63bfeu, 0x3625ed5136a61eb3u},
    {0x000000005849184eu, 0xa1b425f28e0cc748u},
    {0x00000000064e5d2au, 0x301f27482eb7c517u},
    {0x00000000006b9fcfu, 0x9ccee07c476195acu},
    {0x000000000006b9fcu, 0xf9ccee07c476195au},
    {0x000000000000654bu, 0x1dc0c2b529ac9814u},
    {0x00000000000005a0u, 0x9e18ee5f65deec01u},
    {0x000000000000004bu, 0xd26d1a05055c9328u},
    {0x0000000000000003u, 0xca8574804044a0f5u},
    {0x0000000000000000u, 0x2e371dedb9eae317u},
    {0x0000000000000000u, 0x0219c72db6ff0a52u},
    {0x0000000000000000u, 0x001761b413163819u},
    {0x0000000000000000u, 0x0000f96780cb97abu},
    {0x0000000000000000u, 0x000009f9e66e8b2fu},
    {0x0000000000000000u, 0x000000623a17f1a9u},
};

/* 1/(2n + 1) */
static const struct u128 inverse_odd[] = {
    {0x8000000000000000u, 0x0000000000000000u},
    {0x2aaaaaaaaaaaaaaau, 0xaaaaaaaaaaaaaaaau},
    {0x1999999999999999u, 0x9999999999999999u},
    {0x1249249249249249u, 0x2492492492492492u},
    {0x0e38e38e38e38e38u, 0xe38e38e38e38e38eu},
    {0x0ba2e8ba2e8ba2e8u, 0xba2e8ba2e8ba2e8bu},
    {0x09d89d89d89d89d8u, 0x9d89d89d89d89d89u},
    {0x0888888888888888u, 0x8888888888888888u},
    {0x0787878787878787u, 0x8787878787878787u},
    {0x06bca1af286bca1au, 0xf286bca1af286bcau},
    {0x0618618618618618u, 0x6186186186186186u},
    {0x0590b21642c8590bu, 0x21642c8590b21642u},
    {0x051eb851eb851eb8u, 0x51eb851eb851eb85u},
    {0x04bda12f684bda12u, 0xf684bda12f684bdau},
    {0x0469ee58469ee584u, 0x69ee58469ee58469u},
    {0x0421084210842108u, 0x4210842108421084u},
    {0x03e0f83e0f83e0f8u, 0x3e0f83e0f83e0f83u},
};

/* atan(n/32) */
static const struct u128 atan_table[] = {
    {0x0000000000000000u, 0x0000000000000000u},
    {0x03ffaab7752ec495u, 0x09de75ddb76a3188u},
    {0x07fd56edcb3f7a71u, 0xb6593c96e071706au},
    {0x0bf70c1301788746u, 0x093567e784cf8367u},
    {0x0feadd4d5617b6e3u, 0x2c897989f3e888efu},
    {0x13d6eee8c6626c58u, 0x68ec33a4a06c1fd0u},
    {0x17b97b4bce5b0226u, 0x8f6169f103938e90u},
    {0x1b90d7529260a204u, 0x5ec434b8396aa5e0u},
    {0x1f5b75f92c80dd62u, 0xadb8f3debef442fcu},
    {0x2317eb4617e2f04cu, 0x3291d22c6fe20a63u},
    {0x26c4ee6e0fd7979au, 0x716aed26349ebccau},
    {0x2a615b32a39a93b6u, 0xa66dfddefdf67a30u},
    {0x2dec3283c9bde11cu, 0xe2a8c848b73f9120u},
    {0x31649a7294364adbu, 0x685d1ba47d428a37u},
    {0x34c9dd879847f96du, 0x909f257a40079c4du},
    {0x381b69929d93df19u, 0xf18c7b659e632e00u},
    {0x3b58ce0ac3769ed1u, 0x5bf9117b2f0ea340u},
    {0x3e81ba16a8282f97u, 0x19b48f1f57723b30u},
    {0x4195fa536cc33f15u, 0x25b504e5b0d28ae0u},
    {0x4495766fef4aa3dau, 0x84a23c7e2395a57du},
    {0x47802eaf7bfacfcdu, 0xae41af0b32e21ba3u},
    {0x4a563964c238c37bu, 0x0c6279c9fbc5197cu},
    {0x4d17c07338deed10u, 0x21137c711027f9deu},
    {0x4fc4fee27a5bd0f6u, 0x7c5a4932278380efu},
    {0x525e3e8c9a7b8492u, 0x0cd43f9522bed64fu},
    {0x54e3d5ee24187ae4u, 0x48b5425adf3c99fau},
    {0x5756261c5a6c6040u, 0x0a392f179f290385u},
    {0x59b598e48f821b48u, 0xac80a0ba22317c9cu},
    {0x5c029f15e118cf39u, 0xe596d2a90852221eu},
    {0x5e3daef574c57940u, 0x6a0898037407d948u},
    {0x606742dc56293320u, 0x44eeb16237497d12u},
    {0x627fd7fd5fc7deaau, 0x465a1e885e4f0110u},
    {0x6487ed5110b4611au, 0x62633145c06e0e68u},
};/* clang-format on */

/* 66 bits of pi/2, the first at bit 127 */
static const struct u128 half_pi_66 = {0xc90fdaa22168c234u, 0xc000000000000000u};

static const struct wide half_pi = {{0xc90fdaa22168c234u, 0xc4c6628b80dc1cd1u}, 0, 0};
static const struct wide pi = {{0xc90fdaa22168c234u, 0xc4c6628b80dc1cd1u}, 1, 0};
static const struct wide ln_2 = {{0xb17217f7d1cf79abu, 0xc9e3b39803f2f6afu}, -1, 0};
static const struct wide two_over_ln_2 = {{0xb8aa3b295c17f0bbu, 0xbe87fed0691d3e88u}, 1, 0};
static const struct wide one = {{TOP_BIT, 0}, 0, 0};

/* ---- 128-bit arithmetic ---- */

#ifdef __SIZEOF_INT128__

static inline unsigned __int128 u128_native(struct u128 a)
{
    return (unsigned __int128)a.hi << 64 | a.lo;
}

static inline struct u128 u128_from(unsigned __int128 v)
{
    return (struct u128){(uint64_t)(v >> 64), (uint64_t)v};
}

static inline struct u128 u128_add(struct u128 a, struct u128 b)
{
    return u128_from(u128_native(a) + u128_native(b));
}

static inline struct u128 u128_sub(struct u128 a, struct u128 b)
{
    return u128_from(u128_native(a) - u128_native(b));
}

static inline bool u128_less(struct u128 a, struct u128 b)
{
    return u128_native(a) < u128_native(b);
}

#else

static inline struct u128 u128_add(struct u128 a, struct u128 b)
{
    a.lo += b.lo;
    a.hi += b.hi + (a.lo < b.lo);
    return a;
}

static inline struct u128 u128_sub(struct u128 a, struct u128 b)
{
    a.hi -= b.hi + (a.lo < b.lo);
    a.lo -= b.lo;
    return a;
}

static inline bool u128_less(struct u128 a, struct u128 b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

#endif

static inline struct u128 u128_shl(struct u128 a, unsigned n) /* n < 128 */
{
    if (n >= 64) {
        return (struct u128){a.lo << (n - 64), 0};
    }
    return n ? (struct u128){a.hi << n | a.lo >> (64 - n), a.lo << n} : a;
}

static inline struct u128 u128_shr(struct u128 a, unsigned n)
{
    if (n >= 128) {
        return (struct u128){0, 0};
    }
    if (n >= 64) {
        return (struct u128){0, a.hi >> (n - 64)};
    }
    return n ? (struct u128){a.hi >> n, a.hi << (64 - n) | a.lo >> n} : a;
}

/* The upper half of the product, a few units of its last place short. */
static inline struct u128 u128_mul_high(struct u128 a, struct u128 b)
{
    struct u128 r;
    uint64_t unused, m1 = mul64(a.hi, b.lo, &unused), m2 = mul64(a.lo, b.hi, &unused);

    r.hi = mul64(a.hi, b.hi, &r.lo);
    r = u128_add(r, (struct u128){0, m1});
    return u128_add(r, (struct u128){0, m2});
}

/*
 * c[0] + c[step] z + c[2 step] z^2 ... (n terms), or with alternating signs. From term `tail` on,
 * all coefficients are below 2^-scale: 64 bits of them, moved up by that, are enough.
 */
static ALWAYS_INLINE struct u128 series(const struct u128 *c, unsigned step, unsigned n,
                                        unsigned tail, unsigned scale, struct u128 z,
                                        bool alternate)
{
    uint64_t sum = 0;
    struct u128 acc;

    for (unsigned k = n; k-- > tail;) {
        uint64_t unused, t = mul64(sum, z.hi, &unused) << 1;

        sum = u128_shl(c[step * k], scale).hi + (alternate ? 0 - t : t);
    }
    acc = u128_shr((struct u128){sum, 0}, scale);
    for (unsigned k = tail; k-- > 0;) {
        struct u128 t = u128_shl(u128_mul_high(acc, z), 1);

        acc = alternate ? u128_sub(c[step * k], t) : u128_add(c[step * k], t);
    }
    return acc;
}

/* ---- wide numbers ---- */

static ALWAYS_INLINE struct wide wide_make(unsigned sign, int32_t exp, struct u128 m)
{
    unsigned n;

    if (!m.hi) {
        if (!m.lo) {
            return (struct wide){{0, 0}, 0, sign};
        }
        m.hi = m.lo;
        m.lo = 0;
        exp -= 64;
    }
    n = clz64(m.hi);
    return (struct wide){u128_shl(m, n), exp - (int32_t)n, sign};
}

static ALWAYS_INLINE struct wide wide_from(struct f80 a)
{
    int32_t exp = F80_EXP(a) ? F80_EXP(a) : 1;

    return wide_make(F80_SIGN(a), exp - F80_BIAS, (struct u128){a.mant, 0});
}

static ALWAYS_INLINE struct wide wide_mul(struct wide a, struct wide b)
{
    return wide_make(a.sign ^ b.sign, a.exp + b.exp + 1, u128_mul_high(a.m, b.m));
}

/* a and b are fixed-point remainders: one 64-bit digit of the quotient n:next / d, n < d. */
static ALWAYS_INLINE uint64_t div_digit(struct u128 *n, uint64_t next, struct u128 d)
{
    uint64_t q, rem, plo, phi;
    bool carry = false;

    if (n->hi >= d.hi) {
        q = ~(uint64_t)0;
        rem = n->lo + d.hi;
        carry = rem < d.hi;
    } else {
        q = div64(n->hi, n->lo, d.hi, &rem);
    }
    phi = mul64(q, d.lo, &plo);
    while (!carry && (phi > rem || (phi == rem && plo > next))) {
        q--;
        phi -= plo < d.lo;
        plo -= d.lo;
        rem += d.hi;
        carry = rem < d.hi;
    }
    *n = u128_sub((struct u128){rem, next}, (struct u128){phi, plo});
    return q;
}

static ALWAYS_INLINE struct wide wide_div(struct wide a, struct wide b)
{
    struct wide r = {.sign = a.sign ^ b.sign, .exp = a.exp - b.exp};
    struct u128 n = a.m;
    uint64_t next = 0;

    if (u128_less(n, b.m)) {
        r.exp--;
    } else {
        next = n.lo << 63;
        n = u128_shr(n, 1);
    }
    r.m.hi = div_digit(&n, next, b.m);
    r.m.lo = div_digit(&n, 0, b.m);
    return r;
}

static ALWAYS_INLINE struct wide wide_add(struct wide a, struct wide b)
{
    struct u128 s;

    if (!b.m.hi || (a.m.hi && (a.exp > b.exp || (a.exp == b.exp && !u128_less(a.m, b.m))))) {
        s = u128_shr(b.m, (unsigned)(b.m.hi ? a.exp - b.exp : 0));
    } else {
        struct wide t = a;

        a = b;
        b = t;
        s = u128_shr(b.m, (unsigned)(b.m.hi ? a.exp - b.exp : 0));
    }
    if (a.sign != b.sign) {
        return wide_make(a.sign, a.exp, u128_sub(a.m, s));
    }
    s = u128_add(a.m, s);
    if (u128_less(s, a.m)) {
        s = u128_shr(s, 1);
        s.hi |= TOP_BIT;
        a.exp++;
    }
    return wide_make(a.sign, a.exp, s);
}

/* As fixed point; |a| < 2. */
static ALWAYS_INLINE struct u128 wide_fixed(struct wide a)
{
    return u128_shr(a.m, (unsigned)-a.exp);
}

/* The result of a function that is never exact. */
static struct f80 wide_pack(struct fp_ctx *c, struct wide a)
{
    return f80_round_pack(c, a.sign, a.exp + F80_BIAS, a.m.hi, a.m.lo | 1, 64);
}

/* ---- classes of operands ---- */

static bool is_nan_or_unsupported(struct f80 a)
{
    return f80_is_nan(a) || f80_is_unsupported(a);
}

static struct f80 invalid(struct fp_ctx *c)
{
    c->flags |= FP_IE;
    return F80_INDEFINITE;
}

static void note_denormal(struct fp_ctx *c, struct f80 a)
{
    if (f80_is_denormal(a)) {
        c->flags |= FP_DE;
    }
}

static struct f80 infinity(unsigned sign)
{
    return f80_make(sign, 0x7fff, TOP_BIT);
}

static struct f80 zero(unsigned sign)
{
    return f80_make(sign, 0, 0);
}

/* ---- sine, cosine, tangent ---- */

/* Brings a to |*r| <= pi/4; returns the quadrant: a = *r + quadrant * pi/2. a.exp < 63. */
static unsigned reduce(struct wide a, struct wide *r)
{
    unsigned sign = a.sign, quadrant;
    struct u128 x, n;

    if (a.exp < -1 || (a.exp == -1 && a.m.hi <= half_pi_66.hi)) {
        *r = a;
        return 0;
    }
    /* In units of 2^-65 both are integers, of 128 and 66 bits. */
    x = u128_shr(a.m, (unsigned)(62 - a.exp));
    n = u128_shr(x, 2);
    quadrant = (unsigned)div_digit(&n, x.lo << 62, half_pi_66) & 3;
    if (u128_less(half_pi_66, u128_shl(n, 1)) || n.hi >> 63) { /* nearer to the next multiple */
        quadrant++;
        sign ^= 1;
        n = u128_sub(half_pi_66, n);
    }
    *r = wide_make(sign, 0, n);
    return (a.sign ? 0 - quadrant : quadrant) & 3;
}

static struct wide sine(struct wide r)
{
    struct u128 z = wide_fixed(wide_mul(r, r));
    struct u128 s = series(inverse_factorial + 1, 2, 12, 4, 17, z, true);

    if (s.hi >> 63) { /* too near to 1 to tell, but below */
        s = (struct u128){TOP_BIT - 1, ~(uint64_t)0};
    }
    return wide_mul(r, wide_make(0, 0, s));
}

static struct wide cosine(struct wide r)
{
    struct u128 z = wide_fixed(wide_mul(r, r));
    struct u128 s = series(inverse_factorial, 2, 12, 4, 14, z, true);

    if (s.hi >> 63) {
        s = (struct u128){TOP_BIT - 1, ~(uint64_t)0};
    }
    return wide_make(0, 0, s);
}

static struct wide negate_if(struct wide a, bool yes)
{
    a.sign ^= yes;
    return a;
}

/* Of r + quadrant * pi/2; the cosine is that of the next quadrant. */
static struct wide sine_of(unsigned quadrant, struct wide r)
{
    return negate_if(quadrant & 1 ? cosine(r) : sine(r), quadrant & 2);
}

/* The operand is one of those whose result needs no arithmetic. */
static bool circular_special(struct fp_ctx *c, struct f80 a, struct f80 *result)
{
    c->rounded_up = false;
    if (is_nan_or_unsupported(a)) {
        *result = f80_propagate_nan(c, a, a);
        return true;
    }
    if (f80_is_inf(a)) {
        *result = invalid(c);
        return true;
    }
    note_denormal(c, a);
    *result = a;
    return f80_is_zero(a);
}

static bool circular_out_of_range(struct f80 a)
{
    return F80_EXP(a) >= F80_BIAS + 63 && F80_EXP(a) != 0x7fff && !f80_is_unsupported(a);
}

bool f80_sincos(struct fp_ctx *c, struct f80 a, struct f80 *sin, struct f80 *cos)
{
    struct f80 special;
    struct wide r;
    unsigned q;

    if (circular_out_of_range(a)) {
        return false;
    }
    if (circular_special(c, a, &special)) {
        bool is_zero = f80_is_zero(special);

        if (sin) {
            *sin = special;
        }
        if (cos) {
            *cos = is_zero ? f80_make(0, F80_BIAS, TOP_BIT) : special;
        }
        return true;
    }
    q = reduce(wide_from(a), &r);
    if (sin) {
        *sin = wide_pack(c, sine_of(q, r));
    }
    if (cos) {
        *cos = wide_pack(c, sine_of(q + 1, r));
    }
    return true;
}

bool f80_tan(struct fp_ctx *c, struct f80 a, struct f80 *tangent)
{
    struct wide r;
    unsigned q;

    if (circular_out_of_range(a)) {
        return false;
    }
    if (circular_special(c, a, tangent)) {
        return true;
    }
    q = reduce(wide_from(a), &r);
    *tangent = wide_pack(c, q & 1 ? negate_if(wide_div(cosine(r), sine(r)), true)
                                  : wide_div(sine(r), cosine(r)));
    return true;
}

/* ---- arctangent ---- */

/* 32 times the quotient to the nearest, or one beside it; lesser <= greater. */
static unsigned quotient_32nds(struct wide lesser, struct wide greater)
{
    int32_t shift = greater.exp - lesser.exp;
    uint64_t q = shift > 6 ? 0 : (lesser.m.hi >> shift) / ((greater.m.hi >> 32) + 1);

    return (unsigned)((q >> 26) + 1) >> 1;
}

/* atan(lesser / greater), both positive, the quotient at most 1. */
static struct wide atan_quotient(struct wide lesser, struct wide greater)
{
    unsigned n = quotient_32nds(lesser, greater);
    struct wide u, base;
    struct u128 z;

    if (n) { /* atan(t) = atan(n/32) + atan((t - n/32) / (1 + t n/32)) */
        struct wide by = wide_make(0, 58, (struct u128){n, 0});
        struct wide below = wide_mul(greater, by);

        below.sign = 1;
        u = wide_add(lesser, below);
        if (!u.m.hi) {
            return wide_make(0, 0, atan_table[n]);
        }
        u = wide_div(u, wide_add(greater, wide_mul(lesser, by)));
    } else {
        u = wide_div(lesser, greater);
    }
    z = wide_fixed(wide_mul(u, u));
    z = series(inverse_odd, 1, 8, 2, 2, z, true);
    if (z.hi >> 63) {
        z = (struct u128){TOP_BIT - 1, ~(uint64_t)0};
    }
    u = wide_mul(u, wide_make(0, 0, z));
    base = wide_make(0, 0, atan_table[n]);
    return n ? wide_add(base, u) : u;
}

static struct wide negative(struct wide a)
{
    a.sign ^= 1;
    return a;
}

/* Of the point (x, y), or (-x, y) with left; both positive. */
static struct wide angle(struct wide x, struct wide y, bool left)
{
    struct wide r;

    if (y.exp > x.exp || (y.exp == x.exp && u128_less(x.m, y.m))) {
        r = atan_quotient(x, y);
        return wide_add(half_pi, left ? r : negative(r));
    }
    r = atan_quotient(y, x);
    return left ? wide_add(pi, negative(r)) : r;
}

struct f80 f80_atan2(struct fp_ctx *c, struct f80 y, struct f80 x)
{
    unsigned sign = F80_SIGN(y);
    bool left = F80_SIGN(x);
    struct wide wy, wx, r;

    c->rounded_up = false;
    if (is_nan_or_unsupported(x) || is_nan_or_unsupported(y)) {
        return f80_propagate_nan(c, y, x);
    }
    note_denormal(c, x);
    note_denormal(c, y);
    wy = wide_from(f80_make(0, F80_EXP(y), y.mant));
    wx = wide_from(f80_make(0, F80_EXP(x), x.mant));
    if (f80_is_inf(y) && f80_is_inf(x)) {
        r = half_pi; /* a quarter of pi, or three of them */
        r.exp--;
        r = left ? wide_add(r, half_pi) : r;
    } else if (f80_is_inf(y) || (f80_is_zero(x) && !f80_is_zero(y))) {
        r = half_pi;
    } else if (f80_is_inf(x) || f80_is_zero(y)) {
        if (!left) {
            return zero(sign);
        }
        r = pi;
    } else {
        r = angle(wx, wy, left);
    }
    r.sign = sign;
    return wide_pack(c, r);
}

/* ---- logarithms and exponential ---- */

/* log2(1 + f), -0.3 < f < 0.42: 2/ln(2) * atanh(f / (2 + f)) */
static struct wide log2_near_1(struct wide f)
{
    struct wide two = one, s;
    struct u128 z;

    two.exp = 1;
    s = wide_div(f, wide_add(two, f));
    z = wide_fixed(wide_mul(s, s));
    z = series(inverse_odd, 1, 17, 4, 3, z, false);
    return wide_mul(wide_mul(s, wide_make(0, 0, z)), two_over_ln_2);
}

#define SQRT_HALF 0xb504f333f9de6484u /* also the upper word of sqrt(2) */

static struct wide log2_of(struct wide x)
{
    int32_t exp = x.exp;
    struct wide f, n, minus_1 = one;

    if (x.m.hi >= SQRT_HALF) {
        exp++;
    }
    x.exp -= exp;
    minus_1.sign = 1;
    f = wide_add(x, minus_1);
    n = wide_make(exp < 0, 63, (struct u128){(uint64_t)(exp < 0 ? -exp : exp), 0});
    if (!f.m.hi) {
        return n;
    }
    return exp ? wide_add(n, log2_near_1(f)) : log2_near_1(f);
}

/* y * l, where l may be exact (a power of two was the operand). */
static struct f80 scale_log(struct fp_ctx *c, struct wide l, struct f80 y, bool exact)
{
    struct wide r = wide_mul(l, wide_from(y));

    if (!exact) {
        return wide_pack(c, r);
    }
    c->flags |= FP_PE; /* CPUs do not know better */
    return f80_round_pack(c, r.sign, r.exp + F80_BIAS, r.m.hi, r.m.lo, 64);
}

struct f80 f80_yl2x(struct fp_ctx *c, struct f80 x, struct f80 y)
{
    bool is_one = x.mant == TOP_BIT && F80_EXP(x) == F80_BIAS;
    bool small = F80_EXP(x) < F80_BIAS; /* the logarithm is negative */

    c->rounded_up = false;
    if (is_nan_or_unsupported(x) || is_nan_or_unsupported(y)) {
        return f80_propagate_nan(c, x, y);
    }
    if (F80_SIGN(x) && !f80_is_zero(x)) {
        return invalid(c);
    }
    if (f80_is_zero(x)) {
        if (f80_is_zero(y)) {
            return invalid(c);
        }
        if (!f80_is_inf(y)) {
            c->flags |= FP_ZE;
        }
        return infinity(!F80_SIGN(y));
    }
    if ((f80_is_inf(x) && f80_is_zero(y)) || (f80_is_inf(y) && is_one)) {
        return invalid(c);
    }
    note_denormal(c, x);
    note_denormal(c, y);
    if (f80_is_inf(x) || f80_is_inf(y)) {
        return infinity(F80_SIGN(y) ^ small);
    }
    if (f80_is_zero(y) || is_one) {
        return zero(F80_SIGN(y) ^ small);
    }
    return scale_log(c, log2_of(wide_from(x)), y, wide_from(x).m.hi == TOP_BIT);
}

struct f80 f80_yl2xp1(struct fp_ctx *c, struct f80 x, struct f80 y)
{
    unsigned sign = F80_SIGN(x) ^ F80_SIGN(y);
    struct wide w;

    c->rounded_up = false;
    if (is_nan_or_unsupported(x) || is_nan_or_unsupported(y)) {
        return f80_propagate_nan(c, x, y);
    }
    if ((f80_is_inf(x) && (F80_SIGN(x) || f80_is_zero(y))) || (f80_is_inf(y) && f80_is_zero(x))) {
        return invalid(c);
    }
    note_denormal(c, x);
    note_denormal(c, y);
    if (f80_is_inf(x) || f80_is_inf(y)) {
        return infinity(sign);
    }
    if (f80_is_zero(x) || f80_is_zero(y)) {
        return zero(sign);
    }
    if (F80_SIGN(x) && F80_EXP(x) >= F80_BIAS) { /* x <= -1: undefined; CPUs return x */
        c->flags |= FP_PE;
        return x;
    }
    w = wide_from(x);
    if (w.exp < -2) {
        return scale_log(c, log2_near_1(w), y, false);
    }
    w = wide_add(w, one);
    return scale_log(c, log2_of(w), y, w.m.hi == TOP_BIT && !w.m.lo);
}

/* |a| < 1 */
static struct wide two_to_minus_1(struct f80 a)
{
    struct wide t = wide_mul(wide_from(a), ln_2);
    struct u128 s = series(inverse_factorial + 1, 1, 22, 9, 20, wide_fixed(t), t.sign);

    return wide_mul(t, wide_make(0, 0, s));
}

struct f80 f80_2xm1(struct fp_ctx *c, struct f80 a)
{
    c->rounded_up = false;
    if (is_nan_or_unsupported(a)) {
        return f80_propagate_nan(c, a, a);
    }
    note_denormal(c, a);
    if (f80_is_zero(a)) {
        return a;
    }
    if (F80_EXP(a) >= F80_BIAS) { /* beyond 1 is undefined; the limits are kept */
        if (f80_is_inf(a)) {
            return F80_SIGN(a) ? f80_make(1, F80_BIAS, TOP_BIT) : a;
        }
        c->flags |= FP_PE;
        if (F80_SIGN(a) && F80_EXP(a) == F80_BIAS && a.mant == TOP_BIT) {
            return f80_make(1, F80_BIAS - 1, TOP_BIT);
        }
        return a;
    }
    return wide_pack(c, two_to_minus_1(a));
}

/* ---- without the last rounding ---- */

static struct wide positive(struct f80 a)
{
    return wide_from(f80_make(0, F80_EXP(a), a.mant));
}

bool f80_function(enum f80_function f, struct f80 a, struct f80 b, struct f80_unrounded *result)
{
    bool binary = f == F80_ATAN2 || f == F80_YL2X;
    struct wide r;
    unsigned q;

    if (!f80_is_normal(a) || (binary && !f80_is_normal(b))) {
        return false;
    }
    switch (f) {
    case F80_SIN:
    case F80_COS:
        if (circular_out_of_range(a)) {
            return false;
        }
        q = reduce(wide_from(a), &r);
        r = sine_of(q + (f == F80_COS), r);
        break;
    case F80_ATAN2:
        r = angle(positive(a), positive(b), F80_SIGN(a));
        r.sign = F80_SIGN(b);
        break;
    case F80_2XM1:
        if (F80_EXP(a) >= F80_BIAS) {
            return false;
        }
        r = two_to_minus_1(a);
        break;
    case F80_YL2X:
        if (F80_SIGN(a) || a.mant == TOP_BIT) {
            return false;
        }
        r = wide_mul(log2_of(wide_from(a)), wide_from(b));
        break;
    }
    *result =
        (struct f80_unrounded){f80_make(r.sign, (unsigned)(r.exp + F80_BIAS), r.m.hi), r.m.lo | 1};
    return r.exp > -0x3ff0 && r.exp < 0x3ff0;
}
