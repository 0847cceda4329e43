/* SPDX-License-Identifier: MIT */
/*
 * IEEE 754 arithmetic on integers: single, double and the x87's 80-bit extended format, with x86's
 * special cases (SDM volume 1, chapters 4, 8, 11). Bit-exact on every host.
 *
 * f32 and f64 functions follow SSE: NaN operands as in SDM 1 table 4-7, flush-to-zero,
 * denormals-are-zeros. f80 functions follow the x87: NaN of the larger significand, precision
 * control, bias-adjusted results when overflow or underflow is unmasked.
 */
#ifndef CPU_SOFTFLOAT_H
#define CPU_SOFTFLOAT_H

#include "cpu/cpu.h"

/* For what a function is made of that is itself small next to a call. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Exceptions, as in the status word and MXCSR. */
#define FP_IE 0x01
#define FP_DE 0x02
#define FP_ZE 0x04
#define FP_OE 0x08
#define FP_UE 0x10
#define FP_PE 0x20

/* Rounding, as in the control word and MXCSR. */
enum { FP_NEAREST, FP_DOWN, FP_UP, FP_TRUNCATE };

struct fp_ctx {
    uint8_t rounding;
    bool ftz, daz;     /* f32 and f64 only */
    uint8_t flags;     /* FP_* raised; only ever added to */
    uint8_t precision; /* f80 only: bits of the significand, 24, 53 or 64 */
    uint8_t unmasked;  /* FP_* whose mask bit is clear: decides when underflow is raised */
    bool rounded_up;   /* the last rounding went away from zero (C1) */
    uint8_t unused;    /* makes it 8 bytes: one register, one store */
};

enum fp_relation { FP_LESS = -1, FP_EQUAL, FP_GREATER, FP_UNORDERED };

/*
 * Single and double. A signalling compare raises invalid for any NaN (COMISS), a quiet one for
 * signalling NaNs only (UCOMISS). to_i32 gives 80000000h and raises invalid if it does not fit.
 */
#define FP_DECLARE(name, type)                                                          \
    type name##_add(struct fp_ctx *c, type a, type b);                                  \
    type name##_sub(struct fp_ctx *c, type a, type b);                                  \
    type name##_mul(struct fp_ctx *c, type a, type b);                                  \
    type name##_div(struct fp_ctx *c, type a, type b);                                  \
    type name##_sqrt(struct fp_ctx *c, type a);                                         \
    enum fp_relation name##_compare(struct fp_ctx *c, type a, type b, bool signalling); \
    int32_t name##_to_i32(struct fp_ctx *c, type a, bool truncate);                     \
    type name##_from_i32(struct fp_ctx *c, int32_t v);

FP_DECLARE(f32, uint32_t)
FP_DECLARE(f64, uint64_t)

uint64_t f32_to_f64(struct fp_ctx *c, uint32_t a);
uint32_t f64_to_f32(struct fp_ctx *c, uint64_t a);

/* Extended. */
struct f80 f80_add(struct fp_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_sub(struct fp_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_mul(struct fp_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_div(struct fp_ctx *c, struct f80 a, struct f80 b);
struct f80 f80_sqrt(struct fp_ctx *c, struct f80 a);
struct f80 f80_round_int(struct fp_ctx *c, struct f80 a);
struct f80 f80_scale(struct fp_ctx *c, struct f80 a, struct f80 b);
/* Splits a into its exponent (returned) and *significand. */
struct f80 f80_extract(struct fp_ctx *c, struct f80 a, struct f80 *significand);
/*
 * Remainder of a / b; nearest: the quotient is rounded to nearest (FPREM1) instead of chopped.
 * *quotient gets its low bits; *partial: the reduction is not complete.
 */
struct f80 f80_rem(struct fp_ctx *c, struct f80 a, struct f80 b, bool nearest, uint64_t *quotient,
                   bool *partial);
enum fp_relation f80_compare(struct fp_ctx *c, struct f80 a, struct f80 b, bool signalling);

struct f80 f80_from_i64(int64_t v);
struct f80 f80_from_f32(struct fp_ctx *c, uint32_t a);
struct f80 f80_from_f64(struct fp_ctx *c, uint64_t a);
/* For arithmetic with a memory operand: signalling NaNs stay, a denormal raises FP_DE. */
struct f80 f80_operand_f32(struct fp_ctx *c, uint32_t a);
struct f80 f80_operand_f64(struct fp_ctx *c, uint64_t a);
struct f80 f80_from_bcd(const uint8_t bcd[10]);
/* bits: 16, 32 or 64. Out of range: invalid and the most negative value. */
int64_t f80_to_int(struct fp_ctx *c, struct f80 a, unsigned bits, bool truncate);
uint32_t f80_to_f32(struct fp_ctx *c, struct f80 a);
uint64_t f80_to_f64(struct fp_ctx *c, struct f80 a);
void f80_to_bcd(struct fp_ctx *c, struct f80 a, uint8_t bcd[10]);

/* x87_trig.c. |a| < 2^63 for the circular ones, else the caller sets C2. */
struct f80 f80_2xm1(struct fp_ctx *c, struct f80 a);
struct f80 f80_yl2x(struct fp_ctx *c, struct f80 x, struct f80 y);
struct f80 f80_yl2xp1(struct fp_ctx *c, struct f80 x, struct f80 y);
struct f80 f80_atan2(struct fp_ctx *c, struct f80 y, struct f80 x);
/* false: out of range, nothing done. sine or cosine may be NULL. */
bool f80_sincos(struct fp_ctx *c, struct f80 a, struct f80 *sine, struct f80 *cosine);
bool f80_tan(struct fp_ctx *c, struct f80 a, struct f80 *tangent);

/*
 * The same before the last rounding, for who rounds by other means: value + rest * 2^-64 units of
 * its last place, rest not 0. Of a and, ATAN2 and YL2X, b, as ST(0) and ST(1). false: an operand or
 * a result with rules of its own; use the functions above.
 */
enum f80_function { F80_SIN, F80_COS, F80_ATAN2, F80_2XM1, F80_YL2X };
struct f80_unrounded {
    struct f80 value;
    uint64_t rest;
};
bool f80_function(enum f80_function f, struct f80 a, struct f80 b, struct f80_unrounded *result);

/* What softfloat80.c and x87_trig.c share: classes of extended values and the final rounding. */
#define F80_EXP(a)  ((a).sexp & 0x7fff)
#define F80_SIGN(a) ((a).sexp >> 15)
#define F80_BIAS    0x3fff

static inline struct f80 f80_make(unsigned sign, unsigned exp, uint64_t mant)
{
    return (struct f80){.mant = mant, .sexp = (uint16_t)(sign << 15 | exp)};
}

#define F80_INDEFINITE f80_make(1, 0x7fff, 0xc000000000000000u)

static inline bool f80_is_zero(struct f80 a)
{
    return !a.mant && !F80_EXP(a);
}

static inline bool f80_is_inf(struct f80 a)
{
    return F80_EXP(a) == 0x7fff && a.mant == 0x8000000000000000u;
}

static inline bool f80_is_nan(struct f80 a) /* with the integer bit set */
{
    return F80_EXP(a) == 0x7fff && a.mant > 0x8000000000000000u;
}

static inline bool f80_is_snan(struct f80 a)
{
    return f80_is_nan(a) && !(a.mant & 0x4000000000000000u);
}

static inline bool f80_is_denormal(struct f80 a) /* and pseudo-denormal */
{
    return !F80_EXP(a) && a.mant;
}

/* Unnormal, pseudo-NaN or pseudo-infinity: an invalid operand since the 387. */
static inline bool f80_is_unsupported(struct f80 a)
{
    return F80_EXP(a) && !(a.mant >> 63);
}

static inline bool f80_is_normal(struct f80 a) /* finite, not zero, not denormal */
{
    return (unsigned)(F80_EXP(a) - 1) < 0x7ffe && a.mant >> 63;
}

/*
 * The value (hi:lo as a fraction with the binary point behind bit 63 of hi) * 2^(exp - bias),
 * rounded to precision bits and packed. hi need not be normalised.
 */
struct f80 f80_round_pack(struct fp_ctx *c, unsigned sign, int32_t exp, uint64_t hi, uint64_t lo,
                          unsigned precision);
/* The result when an operand is a NaN or unsupported: raises invalid as needed. */
struct f80 f80_propagate_nan(struct fp_ctx *c, struct f80 a, struct f80 b);

#endif
