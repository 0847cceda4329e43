/* SPDX-License-Identifier: MIT */
/*
 * The transcendental functions against MPFR with 400 bits: every result must be the nearest number.
 * Circular functions are compared behind the reduction by the CPUs' 66-bit pi.
 */
#include "cpu/softfloat.h"
#include "tests/unit/check.h"

#if defined(HAVE_MPFR)

#define MPFR_USE_INTMAX_T
#include <mpfr.h>

#define ROUNDS 20000

static uint64_t rnd_state = 88172645463325252u;

static uint64_t rnd(void)
{
    rnd_state ^= rnd_state << 13;
    rnd_state ^= rnd_state >> 7;
    rnd_state ^= rnd_state << 17;
    return rnd_state * 0x2545f4914f6cdd1du;
}

/* A normal number, 2^low <= |number| < 2^(high + 1). */
static struct f80 random_f80(int low, int high)
{
    uint64_t r = rnd();
    int exp = low + (int)((r >> 8) % (unsigned)(high - low + 1));

    return f80_make(r & 1, (unsigned)(F80_BIAS + exp), rnd() | 1ull << 63);
}

static mpfr_t x, y, want, got, error, half_pi;

static void set(mpfr_t to, struct f80 a)
{
    mpfr_set_uj(to, a.mant, MPFR_RNDN);
    mpfr_mul_2si(to, to, F80_EXP(a) - F80_BIAS - 63, MPFR_RNDN);
    mpfr_setsign(to, to, F80_SIGN(a), MPFR_RNDN);
}

/* Is r the 64-bit number next to `want`? */
static bool is_nearest(struct f80 r)
{
    set(got, r);
    mpfr_sub(error, got, want, MPFR_RNDN);
    mpfr_mul_2si(error, error, 65 - mpfr_get_exp(want), MPFR_RNDN);
    return mpfr_cmp_si(error, -1) >= 0 && mpfr_cmp_si(error, 1) <= 0;
}

/* x = a - quadrant * pi/2 */
static unsigned reduce(struct f80 a)
{
    unsigned quadrant;

    set(x, a);
    mpfr_div(y, x, half_pi, MPFR_RNDN);
    mpfr_round(y, y);
    mpfr_mul(got, y, half_pi, MPFR_RNDN);
    mpfr_sub(x, x, got, MPFR_RNDN);
    mpfr_set_ui(got, 4, MPFR_RNDN);
    mpfr_fmod(y, y, got, MPFR_RNDN);
    quadrant = (unsigned)mpfr_get_si(y, MPFR_RNDN);
    return quadrant & 3;
}

static void sine_cosine_tangent(void)
{
    struct fp_ctx c = {.precision = 64};
    unsigned bad = 0;

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct f80 a = random_f80(-70, 62), sine, cosine, tangent;
        unsigned q = reduce(a);

        f80_sincos(&c, a, &sine, &cosine);
        f80_tan(&c, a, &tangent);
        (q & 1 ? mpfr_cos : mpfr_sin)(want, x, MPFR_RNDN);
        mpfr_mul_si(want, want, q & 2 ? -1 : 1, MPFR_RNDN);
        bad += !is_nearest(sine);
        (q & 1 ? mpfr_sin : mpfr_cos)(want, x, MPFR_RNDN);
        mpfr_mul_si(want, want, (q + 1) & 2 ? -1 : 1, MPFR_RNDN);
        bad += !is_nearest(cosine);
        mpfr_tan(want, x, MPFR_RNDN);
        if (q & 1) {
            mpfr_si_div(want, -1, want, MPFR_RNDN);
        }
        bad += !is_nearest(tangent);
    }
    CHECK_EQ(bad, 0);
}

static void arctangent(void)
{
    struct fp_ctx c = {.precision = 64};
    unsigned bad = 0;

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct f80 a = random_f80(-10, 4), b = n & 1 ? random_f80(-2, 1) : random_f80(-10, 4);

        set(y, a);
        set(x, b);
        mpfr_atan2(want, y, x, MPFR_RNDN);
        bad += !is_nearest(f80_atan2(&c, a, b));
    }
    CHECK_EQ(bad, 0);
}

static void exponential(void)
{
    struct fp_ctx c = {.precision = 64};
    unsigned bad = 0;

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct f80 a = random_f80(-70, -1);

        set(x, a);
        mpfr_const_log2(y, MPFR_RNDN);
        mpfr_mul(x, x, y, MPFR_RNDN);
        mpfr_expm1(want, x, MPFR_RNDN);
        bad += !is_nearest(f80_2xm1(&c, a));
    }
    CHECK_EQ(bad, 0);
}

static void logarithms(void)
{
    struct fp_ctx c = {.precision = 64};
    unsigned bad = 0;

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct f80 a = random_f80(-3, 3), b = random_f80(0, 0), p1 = random_f80(-70, -2);

        a.sexp &= 0x7fff;
        if (n & 1) { /* near 1 */
            unsigned shift = 1 + (unsigned)(rnd() % 60);

            a = n & 2 ? f80_make(0, F80_BIAS, 1ull << 63 | rnd() >> shift | 1)
                      : f80_make(0, F80_BIAS - 1, ~(rnd() >> shift));
        }
        set(x, a);
        set(y, b);
        mpfr_log2(want, x, MPFR_RNDN);
        mpfr_mul(want, want, y, MPFR_RNDN);
        bad += !is_nearest(f80_yl2x(&c, a, b));

        set(x, p1);
        mpfr_log1p(want, x, MPFR_RNDN);
        mpfr_const_log2(x, MPFR_RNDN);
        mpfr_div(want, want, x, MPFR_RNDN);
        mpfr_mul(want, want, y, MPFR_RNDN);
        bad += !is_nearest(f80_yl2xp1(&c, p1, b));
    }
    CHECK_EQ(bad, 0);
}

int main(void)
{
    mpfr_inits2(400, x, y, want, got, error, half_pi, NULL);
    mpfr_set_uj(half_pi, 0xc90fdaa22168c234u, MPFR_RNDN); /* 66 bits of it */
    mpfr_mul_ui(half_pi, half_pi, 4, MPFR_RNDN);
    mpfr_add_ui(half_pi, half_pi, 3, MPFR_RNDN);
    mpfr_mul_2si(half_pi, half_pi, -65, MPFR_RNDN);
    RUN(sine_cosine_tangent);
    RUN(arctangent);
    RUN(exponential);
    RUN(logarithms);
    mpfr_clears(x, y, want, got, error, half_pi, NULL);
    return check_done();
}

#else

int main(void)
{
    check_skip("x87_trig_test", "built without MPFR");
    return check_done();
}

#endif
