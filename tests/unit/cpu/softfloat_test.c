/* SPDX-License-Identifier: MIT */
/*
 * Single and double arithmetic of cpu/softfloat.c against the host's SSE2: results and flags, in
 * all rounding modes, with and without flush-to-zero and denormals-are-zeros, exceptions masked and
 * unmasked.
 */
#include "cpu/softfloat.h"
#include "tests/unit/check.h"

#if defined(__x86_64__)

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#define ROUNDS 50000

static uint64_t rnd_state = 88172645463325252u;

static uint64_t rnd(void)
{
    rnd_state ^= rnd_state << 13;
    rnd_state ^= rnd_state >> 7;
    rnd_state ^= rnd_state << 17;
    return rnd_state * 0x2545f4914f6cdd1du;
}

static uint64_t random_bits(unsigned frac, unsigned expbits)
{
    static const uint64_t fracs[] = {0,          1,          ~0ull,     0x5555555555555555u,
                                     1ull << 51, 1ull << 22, 1ull << 28};
    uint64_t r = rnd(), max = (1u << expbits) - 1, bias = max >> 1, exp;
    uint64_t f = r & 1 ? rnd() : fracs[(r >> 1) % ARRAY_LEN(fracs)];

    switch (r >> 8 & 7) {
    case 0: exp = 0; break;
    case 1: exp = max; break;
    case 2: exp = 1 + (r >> 16 & 3); break;
    case 3: exp = max - 1 - (r >> 16 & 3); break;
    case 4: exp = r >> 16 & max; break;
    case 5: exp = bias / 2 + (r >> 16 & 15) - 8; break;
    default: exp = bias + (r >> 16 & 63) - 32; break;
    }
    return (r >> 63) << (frac + expbits) | exp << frac | (f & ((1ull << frac) - 1));
}

/* ---- the host ---- */

static sigjmp_buf trap_env;
static volatile uint32_t trap_mxcsr;

static void on_fpe(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;

    (void)sig;
    (void)info;
    trap_mxcsr = u->uc_mcontext.fpregs->mxcsr;
    siglongjmp(trap_env, 1);
}

enum op { ADD, SUB, MUL, DIV, SQRT, COMI, UCOMI, TO_INT, TO_INT_T, WIDEN_OR_NARROW, FROM_INT, OPS };

static const char *const op_name[OPS] = {"add",      "sub",     "mul",     "div",
                                         "sqrt",     "comi",    "ucomi",   "to_int",
                                         "to_int_t", "convert", "from_int"};

#define SSE(insn)                                                  \
    __asm__ volatile("ldmxcsr %2\n\t" insn " %3, %0\n\tstmxcsr %1" \
                     : "+x"(x), "=m"(out)                          \
                     : "m"(in), "x"(y))
#define SSE_INT(insn, from)                                        \
    __asm__ volatile("ldmxcsr %2\n\t" insn " %3, %0\n\tstmxcsr %1" \
                     : "=&r"(i), "=m"(out)                         \
                     : "m"(in), "x"(from))
#define SSE_FLAGS(insn)                                                                  \
    __asm__ volatile("ldmxcsr %4\n\t" insn " %6, %5\n\tstmxcsr %3"                       \
                     : "=@ccp"(pf), "=@ccc"(cf), "=@ccz"(zf), "=m"(out)                  \
                     : "m"(in), "x"(x), "x"(y));                                         \
    *result = (uint64_t)(pf ? FP_UNORDERED : cf ? FP_LESS : zf ? FP_EQUAL : FP_GREATER); \
    return out

static uint32_t host_f32(enum op op, uint32_t a, uint32_t b, uint32_t in, uint64_t *result)
{
    float x, y;
    double d;
    uint32_t out, i = 0;
    int pf, cf, zf;

    memcpy(&x, &a, 4);
    memcpy(&y, &b, 4);
    switch (op) {
    case ADD: SSE("addss"); break;
    case SUB: SSE("subss"); break;
    case MUL: SSE("mulss"); break;
    case DIV: SSE("divss"); break;
    case SQRT:
        y = x;
        SSE("sqrtss");
        break;
    case COMI: SSE_FLAGS("comiss");
    case UCOMI: SSE_FLAGS("ucomiss");
    case TO_INT: SSE_INT("cvtss2si", x); break;
    case TO_INT_T: SSE_INT("cvttss2si", x); break;
    case WIDEN_OR_NARROW:
        __asm__ volatile("ldmxcsr %2\n\tcvtss2sd %3, %0\n\tstmxcsr %1"
                         : "=x"(d), "=m"(out)
                         : "m"(in), "x"(x));
        memcpy(result, &d, 8);
        return out;
    default:
        __asm__ volatile("ldmxcsr %2\n\tcvtsi2ss %3, %0\n\tstmxcsr %1"
                         : "=x"(x), "=m"(out)
                         : "m"(in), "r"(a));
        break;
    }
    memcpy(&a, &x, 4);
    *result = op == TO_INT || op == TO_INT_T ? i : a;
    return out;
}

static uint32_t host_f64(enum op op, uint64_t a, uint64_t b, uint32_t in, uint64_t *result)
{
    double x, y;
    float f;
    uint32_t out, i = 0;
    int pf, cf, zf;

    memcpy(&x, &a, 8);
    memcpy(&y, &b, 8);
    switch (op) {
    case ADD: SSE("addsd"); break;
    case SUB: SSE("subsd"); break;
    case MUL: SSE("mulsd"); break;
    case DIV: SSE("divsd"); break;
    case SQRT:
        y = x;
        SSE("sqrtsd");
        break;
    case COMI: SSE_FLAGS("comisd");
    case UCOMI: SSE_FLAGS("ucomisd");
    case TO_INT: SSE_INT("cvtsd2si", x); break;
    case TO_INT_T: SSE_INT("cvttsd2si", x); break;
    case WIDEN_OR_NARROW:
        __asm__ volatile("ldmxcsr %2\n\tcvtsd2ss %3, %0\n\tstmxcsr %1"
                         : "=x"(f), "=m"(out)
                         : "m"(in), "x"(x));
        memcpy(&i, &f, 4);
        *result = i;
        return out;
    default:
        i = (uint32_t)a;
        __asm__ volatile("ldmxcsr %2\n\tcvtsi2sd %3, %0\n\tstmxcsr %1"
                         : "=x"(x), "=m"(out)
                         : "m"(in), "r"(i));
        break;
    }
    memcpy(&a, &x, 8);
    *result = op == TO_INT || op == TO_INT_T ? i : a;
    return out;
}

/* ---- ours ---- */

#define OURS(name, type, convert)                                             \
    static uint64_t ours_##name(enum op op, struct fp_ctx *c, type a, type b) \
    {                                                                         \
        switch (op) {                                                         \
        case ADD: return name##_add(c, a, b);                                 \
        case SUB: return name##_sub(c, a, b);                                 \
        case MUL: return name##_mul(c, a, b);                                 \
        case DIV: return name##_div(c, a, b);                                 \
        case SQRT: return name##_sqrt(c, a);                                  \
        case COMI: return (uint64_t)name##_compare(c, a, b, true);            \
        case UCOMI: return (uint64_t)name##_compare(c, a, b, false);          \
        case TO_INT: return (uint32_t)name##_to_i32(c, a, false);             \
        case TO_INT_T: return (uint32_t)name##_to_i32(c, a, true);            \
        case WIDEN_OR_NARROW: return convert(c, a);                           \
        default: return name##_from_i32(c, (int32_t)a);                       \
        }                                                                     \
    }

OURS(f32, uint32_t, f32_to_f64)
OURS(f64, uint64_t, f64_to_f32)

static bool host_traps(bool f64, enum op op, uint64_t a, uint64_t b, uint32_t mxcsr,
                       uint64_t *result, uint32_t *out)
{
    if (sigsetjmp(trap_env, 1)) {
        *out = trap_mxcsr;
        return true;
    }
    *out = f64 ? host_f64(op, a, b, mxcsr, result)
               : host_f32(op, (uint32_t)a, (uint32_t)b, mxcsr, result);
    return false;
}

static bool agrees(bool f64, enum op op, bool masked)
{
    uint64_t a = f64 ? random_bits(52, 11) : random_bits(23, 8);
    uint64_t b = f64 ? random_bits(52, 11) : random_bits(23, 8);
    uint64_t r = rnd(), want = 0, got;
    uint32_t out,
        mxcsr = 0x1f80 | (r & 3) << 13 | ((r >> 2 & 7) == 0) << 15 | ((r >> 5 & 7) == 0) << 6;
    struct fp_ctx c;
    uint8_t flags;
    bool trapped;

    if (!masked) {
        mxcsr &= ~((uint32_t)(r >> 16 & 0x3f) << 7);
    }
    c = (struct fp_ctx){.rounding = mxcsr >> 13 & 3,
                        .ftz = mxcsr >> 15 & 1,
                        .daz = mxcsr >> 6 & 1,
                        .unmasked = ~(mxcsr >> 7) & 0x3f};
    trapped = host_traps(f64, op, a, b, mxcsr, &want, &out);
    __builtin_ia32_ldmxcsr(0x1f80);
    got = f64 ? ours_f64(op, &c, a, b) : ours_f32(op, &c, (uint32_t)a, (uint32_t)b);
    flags = c.flags;
    if (flags & c.unmasked & (FP_IE | FP_DE | FP_ZE)) { /* nothing was computed */
        flags &= FP_IE | FP_DE | FP_ZE;
    }
    if ((out & 0x3f) == flags && trapped == !!(flags & c.unmasked) && (trapped || got == want)) {
        return true;
    }
    printf("%s%s %" PRIx64 " %" PRIx64 " mxcsr %x: host %" PRIx64 " %x %d ours %" PRIx64 " %x\n",
           f64 ? "f64 " : "f32 ", op_name[op], a, b, mxcsr, want, out & 0x3f, trapped, got, flags);
    return false;
}

static void compare_all(bool f64, bool masked)
{
    for (int op = 0; op < OPS; op++) {
        unsigned bad = 0;

        for (unsigned n = 0; n < ROUNDS && bad < 3; n++) {
            bad += !agrees(f64, (enum op)op, masked);
        }
        CHECK_EQ(bad, 0);
    }
}

static void single_agrees_with_host(void)
{
    compare_all(false, true);
}

static void double_agrees_with_host(void)
{
    compare_all(true, true);
}

static void unmasked_agrees_with_host(void)
{
    compare_all(false, false);
    compare_all(true, false);
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO | SA_NODEFER};

    sigaction(SIGFPE, &sa, NULL);
    RUN(single_agrees_with_host);
    RUN(double_agrees_with_host);
    RUN(unmasked_agrees_with_host);
    return check_done();
}

#else

int main(void)
{
    check_skip("softfloat_test", "the host is no x86-64");
    return check_done();
}

#endif
