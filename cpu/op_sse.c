/* SPDX-License-Identifier: MIT */
/*
 * SSE and SSE2 floating point, and MXCSR. SDM volume 1, chapters 10 and 11, appendix E.
 *
 * Arithmetic is softfloat's. Where the result cannot differ - round to nearest, every exception
 * masked, the inexact flag already set, operands and result normal - the host's own float and
 * double do it. RCPPS and RSQRTPS are rounded to 13 bits: the manual asks for a relative error
 * of 1.5 * 2^-12, and real models differ from each other.
 */
#include "cpu/simd.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MXCSR_FLAGS 0x003fu
#define MXCSR_DAZ   0x0040u
#define MXCSR_MASKS 0x1f80u
#define MXCSR_UM    0x0800u
#define MXCSR_RC    0x6000u
#define MXCSR_FTZ   0x8000u

_Noreturn void sse_unavailable(struct cpu *cpu)
{
    if ((cpu->mmu.cr0 & CR0_EM) || !(cpu->mmu.cr4 & CR4_OSFXSR)) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    cpu_raise_nc(cpu, EXC_NM);
}

/* ---- Floating-point context of one instruction ---- */

struct sse_fp {
    struct fp_ctx c; /* filled by fp_soft(); before that only the flags count */
    uint32_t mxcsr;
    bool fast; /* the host's arithmetic may be used: only the inexact flag could change, and it is
                  set */
};

static ALWAYS_INLINE struct sse_fp fp_begin(const struct cpu *cpu)
{
    struct sse_fp f;

    f.c.flags = 0;
    f.mxcsr = cpu->mxcsr;
    f.fast = FLT_EVAL_METHOD == 0 &&
             (f.mxcsr & (MXCSR_MASKS | MXCSR_RC | FP_PE)) == (MXCSR_MASKS | FP_PE);
    return f;
}

/* The softfloat context, for what the fast way does not do. */
static struct fp_ctx *fp_soft(struct sse_fp *f)
{
    uint32_t m = f->mxcsr;

    f->c = (struct fp_ctx){
        .rounding = m >> 13 & 3,
        .ftz = (m & MXCSR_FTZ) && (m & MXCSR_UM),
        .daz = m & MXCSR_DAZ,
        .flags = f->c.flags,
        .unmasked = (uint8_t)(~m >> 7 & 0x3f),
    };
    return &f->c;
}

static void fp_flags(struct cpu *cpu, uint8_t flags)
{
    uint8_t unmasked = (uint8_t)(~cpu->mxcsr >> 7 & 0x3f), pre = FP_IE | FP_DE | FP_ZE;

    /* An unmasked exception of the operands ends it before the result's are found. */
    if (flags & unmasked & pre) {
        flags &= pre;
    }
    cpu->mxcsr |= flags;
    if (flags & unmasked) {
        cpu_raise_nc(cpu, cpu->mmu.cr4 & CR4_OSXMMEXCPT ? EXC_XM : EXC_UD);
    }
}

/* Before the destination is written: sets MXCSR's flags and raises what is unmasked. */
static ALWAYS_INLINE void fp_end(struct cpu *cpu, const struct sse_fp *f)
{
    if (UNLIKELY(f->c.flags)) {
        fp_flags(cpu, f->c.flags);
    }
}

static ALWAYS_INLINE float as_float(uint32_t v)
{
    float f;

    memcpy(&f, &v, 4);
    return f;
}

static ALWAYS_INLINE uint32_t float_bits(float f)
{
    uint32_t v;

    memcpy(&v, &f, 4);
    return v;
}

static ALWAYS_INLINE double as_double(uint64_t v)
{
    double f;

    memcpy(&f, &v, 8);
    return f;
}

static ALWAYS_INLINE uint64_t double_bits(double f)
{
    uint64_t v;

    memcpy(&v, &f, 8);
    return v;
}

/* Operands: zero or normal. Results: normal, and not the smallest ones, which may have been tiny.
 */
static ALWAYS_INLINE bool f32_zero(uint32_t v)
{
    return !(v << 1);
}
static ALWAYS_INLINE bool f32_plain(uint32_t v)
{
    return (v >> 23 & 0xff) - 1u < 0xfe || f32_zero(v);
}
static ALWAYS_INLINE bool f32_safe(uint32_t v)
{
    return (v >> 23 & 0xff) - 2u < 0xfd;
}
static ALWAYS_INLINE bool f64_zero(uint64_t v)
{
    return !(v << 1);
}
static ALWAYS_INLINE bool f64_plain(uint64_t v)
{
    return (v >> 52 & 0x7ff) - 1u < 0x7fe || f64_zero(v);
}
static ALWAYS_INLINE bool f64_safe(uint64_t v)
{
    return (v >> 52 & 0x7ff) - 2u < 0x7fd;
}

/* exact_zero: when a zero result is exact. */
#define FP_BINARY(type, bits, as, to, name, soft, op, exact_zero)             \
    static ALWAYS_INLINE type bits##_##name(struct sse_fp *f, type a, type b) \
    {                                                                         \
        if (f->fast && bits##_plain(a) && bits##_plain(b)) {                  \
            type r = to(as(a) op as(b));                                      \
                                                                              \
            if (bits##_safe(r) || (bits##_zero(r) && (exact_zero))) {         \
                return r;                                                     \
            }                                                                 \
        }                                                                     \
        return bits##_##soft(fp_soft(f), a, b);                               \
    }

FP_BINARY(uint32_t, f32, as_float, float_bits, ADD, add, +, true)
FP_BINARY(uint32_t, f32, as_float, float_bits, SUB, sub, -, true)
FP_BINARY(uint32_t, f32, as_float, float_bits, MUL, mul, *, f32_zero(a) || f32_zero(b))
FP_BINARY(uint32_t, f32, as_float, float_bits, DIV, div, /, f32_zero(a))
FP_BINARY(uint64_t, f64, as_double, double_bits, ADD, add, +, true)
FP_BINARY(uint64_t, f64, as_double, double_bits, SUB, sub, -, true)
FP_BINARY(uint64_t, f64, as_double, double_bits, MUL, mul, *, f64_zero(a) || f64_zero(b))
FP_BINARY(uint64_t, f64, as_double, double_bits, DIV, div, /, f64_zero(a))

/* a is not used: the shape of the others. */
static ALWAYS_INLINE uint32_t f32_SQRT(struct sse_fp *f, uint32_t a, uint32_t b)
{
    (void)a;
    if (f->fast && f32_plain(b) && !(b >> 31)) {
        return float_bits(sqrtf(as_float(b)));
    }
    return f32_sqrt(fp_soft(f), b);
}

static ALWAYS_INLINE uint64_t f64_SQRT(struct sse_fp *f, uint64_t a, uint64_t b)
{
    (void)a;
    if (f->fast && f64_plain(b) && !(b >> 63)) {
        return double_bits(sqrt(as_double(b)));
    }
    return f64_sqrt(fp_soft(f), b);
}

/* -1, 0, 1, or FP_UNORDERED */
static ALWAYS_INLINE enum fp_relation f32_relation(struct sse_fp *f, uint32_t a, uint32_t b,
                                                   bool signalling)
{
    if (f32_plain(a) && f32_plain(b)) {
        float x = as_float(a), y = as_float(b);

        return x < y ? FP_LESS : x == y ? FP_EQUAL : FP_GREATER;
    }
    return f32_compare(fp_soft(f), a, b, signalling);
}

static ALWAYS_INLINE enum fp_relation f64_relation(struct sse_fp *f, uint64_t a, uint64_t b,
                                                   bool signalling)
{
    if (f64_plain(a) && f64_plain(b)) {
        double x = as_double(a), y = as_double(b);

        return x < y ? FP_LESS : x == y ? FP_EQUAL : FP_GREATER;
    }
    return f64_compare(fp_soft(f), a, b, signalling);
}

static ALWAYS_INLINE uint32_t f32_flush(const struct sse_fp *f, uint32_t v)
{
    return (f->mxcsr & MXCSR_DAZ) && !(v & 0x7f800000u) ? v & 0x80000000u : v;
}

static ALWAYS_INLINE uint64_t f64_flush(const struct sse_fp *f, uint64_t v)
{
    return (f->mxcsr & MXCSR_DAZ) && !(v & 0x7ff0000000000000u) ? v & 0x8000000000000000u : v;
}

/* The second operand when they are equal (both zero) or a NaN is there. */
#define FP_SELECT(type, bits, name, relation)                                   \
    static ALWAYS_INLINE type bits##_##name(struct sse_fp *f, type a, type b)   \
    {                                                                           \
        return bits##_relation(f, a, b, true) == relation ? bits##_flush(f, a)  \
                                                          : bits##_flush(f, b); \
    }

FP_SELECT(uint32_t, f32, MIN, FP_LESS)
FP_SELECT(uint32_t, f32, MAX, FP_GREATER)
FP_SELECT(uint64_t, f64, MIN, FP_LESS)
FP_SELECT(uint64_t, f64, MAX, FP_GREATER)

typedef uint32_t (*f32_fn)(struct sse_fp *f, uint32_t a, uint32_t b);
typedef uint64_t (*f64_fn)(struct sse_fp *f, uint64_t a, uint64_t b);

static ALWAYS_INLINE void packed_f32(struct cpu *cpu, const struct insn *i, f32_fn fn)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), dst = cpu->xmm[i->a.reg];
    struct sse_fp f = fp_begin(cpu);

    for (unsigned n = 0; n < 4; n++) {
        dst.u32[n] = fn(&f, dst.u32[n], src.u32[n]);
    }
    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = dst;
}

static ALWAYS_INLINE void packed_f64(struct cpu *cpu, const struct insn *i, f64_fn fn)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), dst = cpu->xmm[i->a.reg];
    struct sse_fp f = fp_begin(cpu);

    dst.u64[0] = fn(&f, dst.u64[0], src.u64[0]);
    dst.u64[1] = fn(&f, dst.u64[1], src.u64[1]);
    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = dst;
}

static ALWAYS_INLINE void scalar_f32(struct cpu *cpu, const struct insn *i, f32_fn fn)
{
    sse_check(cpu);

    uint32_t src = xmm_load32(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg].u32[XMM_D(0)];
    struct sse_fp f = fp_begin(cpu);
    uint32_t r = fn(&f, *dst, src);

    fp_end(cpu, &f);
    *dst = r;
}

static ALWAYS_INLINE void scalar_f64(struct cpu *cpu, const struct insn *i, f64_fn fn)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg].u64[0];
    struct sse_fp f = fp_begin(cpu);
    uint64_t r = fn(&f, *dst, src);

    fp_end(cpu, &f);
    *dst = r;
}

#define SSE_ARITH(name)                                       \
    void op_##name##PS(struct cpu *cpu, const struct insn *i) \
    {                                                         \
        packed_f32(cpu, i, f32_##name);                       \
    }                                                         \
    void op_##name##PD(struct cpu *cpu, const struct insn *i) \
    {                                                         \
        packed_f64(cpu, i, f64_##name);                       \
    }                                                         \
    void op_##name##SS(struct cpu *cpu, const struct insn *i) \
    {                                                         \
        scalar_f32(cpu, i, f32_##name);                       \
    }                                                         \
    void op_##name##SD(struct cpu *cpu, const struct insn *i) \
    {                                                         \
        scalar_f64(cpu, i, f64_##name);                       \
    }

SSE_ARITH(ADD)
SSE_ARITH(SUB)
SSE_ARITH(MUL)
SSE_ARITH(DIV)
SSE_ARITH(SQRT)
SSE_ARITH(MIN)
SSE_ARITH(MAX)

/* ---- Reciprocals: no exceptions, MXCSR is not looked at; denormals count as zero ---- */

#define F32_SIGN       0x80000000u
#define F32_INF        0x7f800000u
#define F32_QUIET      0x00400000u
#define F32_INDEFINITE 0xffc00000u

/* To 13 bits of significand, to nearest; v is positive and normal. */
static uint32_t f32_round13(uint32_t v)
{
    return (v + 0x400u) & ~0x7ffu;
}

static uint32_t f32_rcp(uint32_t v)
{
    uint32_t sign = v & F32_SIGN, a = v & ~F32_SIGN;

    if (a > F32_INF) {
        return v | F32_QUIET;
    }
    if (a < 0x00800000u) {
        return sign | F32_INF;
    }
    if (a >= 0x7e800000u) { /* 2^126: the result would be denormal */
        return sign;
    }

    struct fp_ctx c = {.rounding = FP_NEAREST};

    return sign | f32_round13(f32_div(&c, 0x3f800000u, a));
}

static uint32_t f32_rsqrt(uint32_t v)
{
    uint32_t a = v & ~F32_SIGN;

    if (a > F32_INF) {
        return v | F32_QUIET;
    }
    if (a < 0x00800000u) {
        return (v & F32_SIGN) | F32_INF;
    }
    if (v & F32_SIGN) {
        return F32_INDEFINITE;
    }
    if (a == F32_INF) {
        return 0;
    }

    struct fp_ctx c = {.rounding = FP_NEAREST};

    return f32_round13(f32_div(&c, 0x3f800000u, f32_sqrt(&c, a)));
}

static void approximate(struct cpu *cpu, const struct insn *i, unsigned lanes,
                        uint32_t (*fn)(uint32_t))
{
    sse_check(cpu);

    union xmm src;

    if (lanes == 4) {
        src = xmm_load(cpu, i, &i->b);
    } else {
        src.u32[XMM_D(0)] = xmm_load32(cpu, i, &i->b);
    }
    for (unsigned n = 0; n < lanes; n++) {
        cpu->xmm[i->a.reg].u32[XMM_D(n)] = fn(src.u32[XMM_D(n)]);
    }
}

void op_RCPPS(struct cpu *cpu, const struct insn *i)
{
    approximate(cpu, i, 4, f32_rcp);
}

void op_RCPSS(struct cpu *cpu, const struct insn *i)
{
    approximate(cpu, i, 1, f32_rcp);
}

void op_RSQRTPS(struct cpu *cpu, const struct insn *i)
{
    approximate(cpu, i, 4, f32_rsqrt);
}

void op_RSQRTSS(struct cpu *cpu, const struct insn *i)
{
    approximate(cpu, i, 1, f32_rsqrt);
}

/* ---- Compares ---- */

/* EQ LT LE UNORD NEQ NLT NLE ORD; LT and LE, and their negations, signal quiet NaNs. */
static ALWAYS_INLINE bool predicate_signals(unsigned p)
{
    return (p & 3) == 1 || (p & 3) == 2;
}

static ALWAYS_INLINE bool predicate_holds(unsigned p, enum fp_relation r)
{
    bool yes;

    switch (p & 3) {
    case 0: yes = r == FP_EQUAL; break;
    case 1: yes = r == FP_LESS; break;
    case 2: yes = r == FP_LESS || r == FP_EQUAL; break;
    default: yes = r == FP_UNORDERED; break;
    }
    return yes != (p >> 2 & 1);
}

#define SSE_COMPARE(name, type, bits, lanes, view)                                   \
    void op_##name(struct cpu *cpu, const struct insn *i)                            \
    {                                                                                \
        sse_check(cpu);                                                              \
                                                                                     \
        union xmm src, dst = cpu->xmm[i->a.reg];                                     \
        struct sse_fp f = fp_begin(cpu);                                             \
        unsigned p = i->imm & 7;                                                     \
                                                                                     \
        if (lanes > 1) {                                                             \
            src = xmm_load(cpu, i, &i->b);                                           \
        } else if (sizeof(type) == 4) {                                              \
            src.u32[XMM_D(0)] = xmm_load32(cpu, i, &i->b);                           \
        } else {                                                                     \
            src.u64[0] = xmm_load64(cpu, i, &i->b);                                  \
        }                                                                            \
        for (unsigned n = 0; n < lanes; n++) {                                       \
            unsigned k = sizeof(type) == 4 ? XMM_D(n) : n;                           \
            enum fp_relation r =                                                     \
                bits##_relation(&f, dst.view[k], src.view[k], predicate_signals(p)); \
                                                                                     \
            dst.view[k] = predicate_holds(p, r) ? (type)-1 : 0;                      \
        }                                                                            \
        fp_end(cpu, &f);                                                             \
        cpu->xmm[i->a.reg] = dst;                                                    \
    }

SSE_COMPARE(CMPPS, uint32_t, f32, 4, u32)
SSE_COMPARE(CMPSS, uint32_t, f32, 1, u32)
SSE_COMPARE(CMPPD, uint64_t, f64, 2, u64)
SSE_COMPARE(CMPSD, uint64_t, f64, 1, u64)

static void compare_flags(struct cpu *cpu, const struct sse_fp *f, enum fp_relation r)
{
    fp_end(cpu, f);
    flags_set(cpu, r == FP_UNORDERED ? EFLAGS_ZF | EFLAGS_PF | EFLAGS_CF
                   : r == FP_LESS    ? EFLAGS_CF
                   : r == FP_EQUAL   ? EFLAGS_ZF
                                     : 0);
}

static ALWAYS_INLINE void compare_f32(struct cpu *cpu, const struct insn *i, bool signalling)
{
    sse_check(cpu);

    uint32_t src = xmm_load32(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    enum fp_relation r = f32_relation(&f, cpu->xmm[i->a.reg].u32[XMM_D(0)], src, signalling);

    compare_flags(cpu, &f, r);
}

static ALWAYS_INLINE void compare_f64(struct cpu *cpu, const struct insn *i, bool signalling)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    enum fp_relation r = f64_relation(&f, cpu->xmm[i->a.reg].u64[0], src, signalling);

    compare_flags(cpu, &f, r);
}

void op_COMISS(struct cpu *cpu, const struct insn *i)
{
    compare_f32(cpu, i, true);
}

void op_UCOMISS(struct cpu *cpu, const struct insn *i)
{
    compare_f32(cpu, i, false);
}

void op_COMISD(struct cpu *cpu, const struct insn *i)
{
    compare_f64(cpu, i, true);
}

void op_UCOMISD(struct cpu *cpu, const struct insn *i)
{
    compare_f64(cpu, i, false);
}

/* ---- Conversions ---- */

static ALWAYS_INLINE int32_t f32_to_int(struct sse_fp *f, uint32_t v, bool truncate)
{
    /* The host truncates; rounding to nearest is left to softfloat. |v| < 2^31. */
    if (f->fast && truncate && (v & 0x7f800000u) < 0x4f000000u && f32_plain(v)) {
        return (int32_t)as_float(v);
    }
    return f32_to_i32(fp_soft(f), v, truncate);
}

static ALWAYS_INLINE int32_t f64_to_int(struct sse_fp *f, uint64_t v, bool truncate)
{
    if (f->fast && truncate && (v >> 52 & 0x7ff) < 0x41e && f64_plain(v)) {
        return (int32_t)as_double(v);
    }
    return f64_to_i32(fp_soft(f), v, truncate);
}

static ALWAYS_INLINE uint32_t f32_from_int(struct sse_fp *f, uint32_t v)
{
    return f->fast ? float_bits((float)(int32_t)v) : f32_from_i32(fp_soft(f), (int32_t)v);
}

static ALWAYS_INLINE uint64_t f64_from_int(uint32_t v)
{
    return double_bits((double)(int32_t)v); /* exact */
}

static ALWAYS_INLINE uint64_t f32_widen(struct sse_fp *f, uint32_t v)
{
    return f32_plain(v) ? double_bits((double)as_float(v)) : f32_to_f64(fp_soft(f), v);
}

static ALWAYS_INLINE uint32_t f64_narrow(struct sse_fp *f, uint64_t v)
{
    if (f->fast && f64_plain(v)) {
        uint32_t r = float_bits((float)as_double(v));

        if (f32_safe(r) || f64_zero(v)) {
            return r;
        }
    }
    return f64_to_f32(fp_soft(f), v);
}

/*
 * An MMX source: like every MMX instruction, but from memory the x87 state is left alone (so AMD's
 * CPUs, and Intel's manual for CVTPI2PD).
 */
void op_CVTPI2PS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    if (i->b.kind == OPD_MM) {
        mmx_check(cpu);
    }

    uint64_t src = mm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t lo = f32_from_int(&f, (uint32_t)src), hi = f32_from_int(&f, (uint32_t)(src >> 32));

    fp_end(cpu, &f);
    if (i->b.kind == OPD_MM) {
        mmx_enter(cpu);
    }
    cpu->xmm[i->a.reg].u64[0] = (uint64_t)hi << 32 | lo;
}

void op_CVTPI2PD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    if (i->b.kind == OPD_MM) {
        mmx_check(cpu);
    }

    uint64_t src = mm_load(cpu, i, &i->b);

    if (i->b.kind == OPD_MM) {
        mmx_enter(cpu);
    }
    cpu->xmm[i->a.reg].u64[0] = f64_from_int((uint32_t)src);
    cpu->xmm[i->a.reg].u64[1] = f64_from_int((uint32_t)(src >> 32));
}

void op_CVTSI2SS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint32_t src = opd_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t r = f32_from_int(&f, src);

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg].u32[XMM_D(0)] = r;
}

void op_CVTSI2SD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    cpu->xmm[i->a.reg].u64[0] = f64_from_int(opd_load(cpu, i, &i->b));
}

/* To two integers in an MMX register. */
static void mm_from_ps(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);
    mmx_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t lo = (uint32_t)f32_to_int(&f, (uint32_t)src, truncate);
    uint32_t hi = (uint32_t)f32_to_int(&f, (uint32_t)(src >> 32), truncate);

    fp_end(cpu, &f);
    mmx_enter(cpu);
    mm_set(cpu, i->a.reg, (uint64_t)hi << 32 | lo);
}

void op_CVTPS2PI(struct cpu *cpu, const struct insn *i)
{
    mm_from_ps(cpu, i, false);
}

void op_CVTTPS2PI(struct cpu *cpu, const struct insn *i)
{
    mm_from_ps(cpu, i, true);
}

static void mm_from_pd(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);
    mmx_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t lo = (uint32_t)f64_to_int(&f, src.u64[0], truncate);
    uint32_t hi = (uint32_t)f64_to_int(&f, src.u64[1], truncate);

    fp_end(cpu, &f);
    mmx_enter(cpu);
    mm_set(cpu, i->a.reg, (uint64_t)hi << 32 | lo);
}

void op_CVTPD2PI(struct cpu *cpu, const struct insn *i)
{
    mm_from_pd(cpu, i, false);
}

void op_CVTTPD2PI(struct cpu *cpu, const struct insn *i)
{
    mm_from_pd(cpu, i, true);
}

static void reg_from_ss(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);

    uint32_t src = xmm_load32(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t r = (uint32_t)f32_to_int(&f, src, truncate);

    fp_end(cpu, &f);
    cpu->reg[i->a.reg] = r;
}

void op_CVTSS2SI(struct cpu *cpu, const struct insn *i)
{
    reg_from_ss(cpu, i, false);
}

void op_CVTTSS2SI(struct cpu *cpu, const struct insn *i)
{
    reg_from_ss(cpu, i, true);
}

static void reg_from_sd(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t r = (uint32_t)f64_to_int(&f, src, truncate);

    fp_end(cpu, &f);
    cpu->reg[i->a.reg] = r;
}

void op_CVTSD2SI(struct cpu *cpu, const struct insn *i)
{
    reg_from_sd(cpu, i, false);
}

void op_CVTTSD2SI(struct cpu *cpu, const struct insn *i)
{
    reg_from_sd(cpu, i, true);
}

void op_CVTPS2PD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    union xmm r = {.u64 = {f32_widen(&f, (uint32_t)src), f32_widen(&f, (uint32_t)(src >> 32))}};

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = r;
}

void op_CVTPD2PS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t lo = f64_narrow(&f, src.u64[0]), hi = f64_narrow(&f, src.u64[1]);

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = (union xmm){.u64 = {(uint64_t)hi << 32 | lo, 0}};
}

void op_CVTSS2SD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint32_t src = xmm_load32(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint64_t r = f32_widen(&f, src);

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg].u64[0] = r;
}

void op_CVTSD2SS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t r = f64_narrow(&f, src);

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg].u32[XMM_D(0)] = r;
}

void op_CVTDQ2PS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm v = xmm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);

    for (unsigned n = 0; n < 4; n++) {
        v.u32[n] = f32_from_int(&f, v.u32[n]);
    }
    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = v;
}

static void dq_from_ps(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);

    union xmm v = xmm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);

    for (unsigned n = 0; n < 4; n++) {
        v.u32[n] = (uint32_t)f32_to_int(&f, v.u32[n], truncate);
    }
    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = v;
}

void op_CVTPS2DQ(struct cpu *cpu, const struct insn *i)
{
    dq_from_ps(cpu, i, false);
}

void op_CVTTPS2DQ(struct cpu *cpu, const struct insn *i)
{
    dq_from_ps(cpu, i, true);
}

void op_CVTDQ2PD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint64_t src = xmm_load64(cpu, i, &i->b);

    cpu->xmm[i->a.reg] =
        (union xmm){.u64 = {f64_from_int((uint32_t)src), f64_from_int((uint32_t)(src >> 32))}};
}

static void dq_from_pd(struct cpu *cpu, const struct insn *i, bool truncate)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b);
    struct sse_fp f = fp_begin(cpu);
    uint32_t lo = (uint32_t)f64_to_int(&f, src.u64[0], truncate);
    uint32_t hi = (uint32_t)f64_to_int(&f, src.u64[1], truncate);

    fp_end(cpu, &f);
    cpu->xmm[i->a.reg] = (union xmm){.u64 = {(uint64_t)hi << 32 | lo, 0}};
}

void op_CVTPD2DQ(struct cpu *cpu, const struct insn *i)
{
    dq_from_pd(cpu, i, false);
}

void op_CVTTPD2DQ(struct cpu *cpu, const struct insn *i)
{
    dq_from_pd(cpu, i, true);
}

/* ---- MXCSR ---- */

void op_LDMXCSR(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint32_t v = opd_load(cpu, i, &i->a);

    /* Denormals-are-zeros came with SSE2. */
    if (v & ~(cpu_has(cpu, FEAT_SSE2) ? 0xffffu : 0xffbfu)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu->mxcsr = v;
}

void op_STMXCSR(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    opd_store(cpu, i, &i->a, cpu->mxcsr);
}
