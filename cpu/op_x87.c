/* SPDX-License-Identifier: MIT */
/*
 * The x87's loads, stores, arithmetic, compares and register moves. SDM volume 1 chapter 8,
 * volume 2.
 *
 * Condition codes that the manual leaves undefined are as on AMD's CPUs. Not modelled: the 8087's
 * and 287's own ways (interrupt enable mask, projective infinity).
 */
#include "cpu/x87.h"

/* ---- loads ---- */

static inline void fpu_push_result(struct cpu *cpu, const struct fp_ctx *c, struct f80 v)
{
    struct fpu *f = &cpu->fpu;

    if (UNLIKELY(!st_empty(f, 7))) {
        if (fpu_stack_fault(cpu, true)) {
            st_push(f, F80_INDEFINITE);
        }
        return;
    }
    if (LIKELY(fpu_commit(cpu, c)) || !(c->flags & c->unmasked & FP_IE)) {
        st_push(f, v); /* an unmasked denormal is loaded all the same */
    }
}

#define LOAD(name, get, convert)                          \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        uint32_t ea = insn_ea(cpu, i);                    \
        struct fp_ctx c;                                  \
                                                          \
        fpu_begin(cpu);                                   \
        c = fpu_context(&cpu->fpu);                       \
        struct f80 v = convert(get);                      \
        fpu_note_mem(cpu, i, ea);                         \
        fpu_push_result(cpu, &c, v);                      \
    }

#define FROM_F32(x) f80_from_f32(&c, x)
#define FROM_F64(x) f80_from_f64(&c, x)
LOAD(FLD_m32, mem_load32(cpu, i->seg, ea), FROM_F32)
LOAD(FLD_m64, mem_load64(cpu, i->seg, ea), FROM_F64)
LOAD(FILD_m16, (int16_t)mem_load16(cpu, i->seg, ea), f80_from_i64)
LOAD(FILD_m32, (int32_t)mem_load32(cpu, i->seg, ea), f80_from_i64)
LOAD(FILD_m64, (int64_t)mem_load64(cpu, i->seg, ea), f80_from_i64)

static inline void load_m80(struct cpu *cpu, const struct insn *i, bool bcd)
{
    uint32_t ea = insn_ea(cpu, i);
    struct fp_ctx c;
    uint8_t buf[10];

    fpu_begin(cpu);
    mem_load_bytes(cpu, i->seg, ea, buf, 10);
    c = fpu_context(&cpu->fpu);
    fpu_note_mem(cpu, i, ea);
    fpu_push_result(cpu, &c, bcd ? f80_from_bcd(buf) : f80_load(buf));
}

void op_FLD_m80(struct cpu *cpu, const struct insn *i)
{
    load_m80(cpu, i, false);
}

void op_FBLD(struct cpu *cpu, const struct insn *i)
{
    load_m80(cpu, i, true);
}

void op_FLD_sti(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (UNLIKELY(st_empty(f, i->b.reg))) {
        if (fpu_stack_fault(cpu, false)) {
            st_push(f, F80_INDEFINITE);
        }
        return;
    }
    c = fpu_context(f);
    fpu_push_result(cpu, &c, *st(f, i->b.reg));
}

/* A constant of 64 bits and what follows: more than half (up) or less than half a unit. */
static void load_constant(struct cpu *cpu, const struct insn *i, unsigned exp, uint64_t mant,
                          int rest)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    c = fpu_context(f);
    if (rest && (c.rounding == FP_UP || (c.rounding == FP_NEAREST && rest > 0))) {
        mant++;
    }
    fpu_push_result(cpu, &c, f80_make(0, exp, mant));
}

#define CONSTANT(name, exp, mant, rest)                   \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        load_constant(cpu, i, exp, mant, rest);           \
    }

CONSTANT(FLD1, 0x3fff, 0x8000000000000000u, 0)
CONSTANT(FLDL2T, 0x4000, 0xd49a784bcd1b8afeu, -1)
CONSTANT(FLDL2E, 0x3fff, 0xb8aa3b295c17f0bbu, 1)
CONSTANT(FLDPI, 0x4000, 0xc90fdaa22168c234u, 1)
CONSTANT(FLDLG2, 0x3ffd, 0x9a209a84fbcff798u, 1)
CONSTANT(FLDLN2, 0x3ffe, 0xb17217f7d1cf79abu, 1)
CONSTANT(FLDZ, 0, 0, 0)

/* ---- stores ---- */

/* Does the value go to memory, and is it popped? Unmasked overflow and underflow store nothing. */
static inline bool fpu_commit_store(struct cpu *cpu, struct fp_ctx *c)
{
    bool wrong_size = c->flags & c->unmasked & (FP_OE | FP_UE);

    if (UNLIKELY(wrong_size)) {
        c->flags &= (uint8_t)~FP_PE;
        c->rounded_up = false;
    }
    return fpu_commit(cpu, c) && LIKELY(!wrong_size);
}

/*
 * The value is known before anything is committed, so the store itself may fault. Only if it must
 * not be done is the memory checked for its faults alone.
 */
#define STORE(name, type, convert, indefinite, store, pops)             \
    void op_##name(struct cpu *cpu, const struct insn *i)               \
    {                                                                   \
        struct fpu *f = &cpu->fpu;                                      \
        uint32_t ea = insn_ea(cpu, i);                                  \
        struct fp_ctx c;                                                \
                                                                        \
        fpu_begin(cpu);                                                 \
        if (UNLIKELY(st_empty(f, 0))) {                                 \
            mem_check_write(cpu, i->seg, ea, sizeof(type));             \
            fpu_note_mem(cpu, i, ea);                                   \
            if (fpu_stack_fault(cpu, false)) {                          \
                store(cpu, i->seg, ea, indefinite);                     \
                if (pops) {                                             \
                    st_pop(f);                                          \
                }                                                       \
            }                                                           \
            return;                                                     \
        }                                                               \
        c = fpu_context(f);                                             \
        type v = (type)convert(&c, *st(f, 0));                          \
        if (UNLIKELY(c.flags & c.unmasked & (FP_IE | FP_OE | FP_UE))) { \
            mem_check_write(cpu, i->seg, ea, sizeof(type));             \
        } else {                                                        \
            store(cpu, i->seg, ea, v);                                  \
        }                                                               \
        fpu_note_mem(cpu, i, ea);                                       \
        if (fpu_commit_store(cpu, &c) && (pops)) {                      \
            st_pop(f);                                                  \
        }                                                               \
    }

#define TO_I16(c, v)    f80_to_int(c, v, 16, false)
#define TO_I32(c, v)    f80_to_int(c, v, 32, false)
#define TO_I64(c, v)    f80_to_int(c, v, 64, false)
#define TRUNC_I16(c, v) f80_to_int(c, v, 16, true)
#define TRUNC_I32(c, v) f80_to_int(c, v, 32, true)
#define TRUNC_I64(c, v) f80_to_int(c, v, 64, true)
STORE(FST_m32, uint32_t, f80_to_f32, 0xffc00000u, mem_store32, false)
STORE(FSTP_m32, uint32_t, f80_to_f32, 0xffc00000u, mem_store32, true)
STORE(FST_m64, uint64_t, f80_to_f64, 0xfff8000000000000u, mem_store64, false)
STORE(FSTP_m64, uint64_t, f80_to_f64, 0xfff8000000000000u, mem_store64, true)
STORE(FIST_m16, uint16_t, TO_I16, 0x8000u, mem_store16, false)
STORE(FISTP_m16, uint16_t, TO_I16, 0x8000u, mem_store16, true)
STORE(FIST_m32, uint32_t, TO_I32, 0x80000000u, mem_store32, false)
STORE(FISTP_m32, uint32_t, TO_I32, 0x80000000u, mem_store32, true)
STORE(FISTP_m64, uint64_t, TO_I64, 0x8000000000000000u, mem_store64, true)
STORE(FISTTP_m16, uint16_t, TRUNC_I16, 0x8000u, mem_store16, true)
STORE(FISTTP_m32, uint32_t, TRUNC_I32, 0x80000000u, mem_store32, true)
STORE(FISTTP_m64, uint64_t, TRUNC_I64, 0x8000000000000000u, mem_store64, true)

static inline void store_m80(struct cpu *cpu, const struct insn *i, bool bcd)
{
    struct fpu *f = &cpu->fpu;
    uint32_t ea = insn_ea(cpu, i);
    struct fp_ctx c;
    uint8_t buf[10];

    fpu_begin(cpu);
    mem_check_write(cpu, i->seg, ea, 10);
    fpu_note_mem(cpu, i, ea);
    c = fpu_context(f);
    if (st_empty(f, 0)) {
        if (!fpu_stack_fault(cpu, false)) {
            return;
        }
        f80_store(buf, F80_INDEFINITE);
        if (bcd) {
            struct fp_ctx scratch = c;

            f80_to_bcd(&scratch, F80_INDEFINITE, buf);
        }
    } else {
        if (bcd) {
            f80_to_bcd(&c, *st(f, 0), buf);
        } else {
            f80_store(buf, *st(f, 0));
        }
        if (!fpu_commit(cpu, &c)) {
            return;
        }
    }
    mem_store_bytes(cpu, i->seg, ea, buf, 10);
    st_pop(f);
}

void op_FSTP_m80(struct cpu *cpu, const struct insn *i)
{
    store_m80(cpu, i, false);
}

void op_FBSTP(struct cpu *cpu, const struct insn *i)
{
    store_m80(cpu, i, true);
}

static inline void store_sti(struct cpu *cpu, const struct insn *i, bool pop)
{
    struct fpu *f = &cpu->fpu;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C1;
    if (UNLIKELY(st_empty(f, 0))) {
        if (!fpu_stack_fault(cpu, false)) {
            return;
        }
        st_set(f, i->a.reg, F80_INDEFINITE);
    } else {
        st_set(f, i->a.reg, *st(f, 0));
    }
    if (pop) {
        st_pop(f);
    }
}

void op_FST_sti(struct cpu *cpu, const struct insn *i)
{
    store_sti(cpu, i, false);
}

void op_FSTP_sti(struct cpu *cpu, const struct insn *i)
{
    store_sti(cpu, i, true);
}

/* D9 D8+i: an alias that does not complain of an empty ST(0). */
void op_FSTP_nocheck(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C1;
    if (!st_empty(f, 0)) {
        st_set(f, i->a.reg, *st(f, 0));
    }
    st_pop(f);
}

/* ---- arithmetic ---- */

typedef struct f80 (*f80_op2)(struct fp_ctx *c, struct f80 a, struct f80 b);
typedef struct f80 (*f80_op1)(struct fp_ctx *c, struct f80 a);

static ALWAYS_INLINE void arith_sti(struct cpu *cpu, const struct insn *i, f80_op2 fn, bool reverse,
                                    unsigned dst, unsigned src, bool pop)
{
    struct fpu *f = &cpu->fpu;
    struct f80 r, *d;
    struct fp_ctx c;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (UNLIKELY(st_empty(f, dst) || st_empty(f, src))) {
        if (!fpu_stack_fault(cpu, false)) {
            return;
        }
        st_set(f, dst, F80_INDEFINITE);
    } else {
        c = fpu_context(f);
        d = st(f, dst);
        r = reverse ? fn(&c, *st(f, src), *d) : fn(&c, *d, *st(f, src));
        if (UNLIKELY(!fpu_commit(cpu, &c))) {
            return;
        }
        *d = r;
    }
    if (pop) {
        st_pop(f);
    }
}

/* ST(0) op a memory operand, which raised c->flags (a denormal) while it was widened. */
static ALWAYS_INLINE void arith_mem(struct cpu *cpu, struct fp_ctx *c, f80_op2 fn, bool reverse,
                                    struct f80 b)
{
    struct fpu *f = &cpu->fpu;
    struct f80 r, *d = st(f, 0);
    uint8_t denormal = c->flags;

    if (UNLIKELY(st_empty(f, 0))) {
        if (fpu_stack_fault(cpu, false)) {
            st_set(f, 0, F80_INDEFINITE);
        }
        return;
    }
    c->flags = 0;
    r = reverse ? fn(c, b, *d) : fn(c, *d, b);
    if (UNLIKELY(denormal) && !(c->flags & (FP_IE | FP_ZE)) && !f80_is_nan(*d)) {
        c->flags |= denormal;
    }
    if (LIKELY(fpu_commit(cpu, c))) {
        *d = r;
    }
}

#define OPERAND_F32 f80_operand_f32(&c, mem_load32(cpu, i->seg, ea))
#define OPERAND_F64 f80_operand_f64(&c, mem_load64(cpu, i->seg, ea))
#define OPERAND_I16 f80_from_i64((int16_t)mem_load16(cpu, i->seg, ea))
#define OPERAND_I32 f80_from_i64((int32_t)mem_load32(cpu, i->seg, ea))

#define ARITH_MEM(name, fn, reverse, operand)             \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        uint32_t ea = insn_ea(cpu, i);                    \
        struct fp_ctx c;                                  \
                                                          \
        fpu_begin(cpu);                                   \
        c = fpu_context(&cpu->fpu);                       \
        struct f80 b = operand;                           \
        fpu_note_mem(cpu, i, ea);                         \
        arith_mem(cpu, &c, fn, reverse, b);               \
    }

#define ARITH(name, fn, reverse)                                     \
    ARITH_MEM(F##name##_m32, fn, reverse, OPERAND_F32)               \
    ARITH_MEM(F##name##_m64, fn, reverse, OPERAND_F64)               \
    ARITH_MEM(FI##name##_m16, fn, reverse, OPERAND_I16)              \
    ARITH_MEM(FI##name##_m32, fn, reverse, OPERAND_I32)              \
    void op_F##name##_st0_sti(struct cpu *cpu, const struct insn *i) \
    {                                                                \
        arith_sti(cpu, i, fn, reverse, 0, i->b.reg, false);          \
    }                                                                \
    void op_F##name##_sti_st0(struct cpu *cpu, const struct insn *i) \
    {                                                                \
        arith_sti(cpu, i, fn, reverse, i->a.reg, 0, false);          \
    }                                                                \
    void op_F##name##P(struct cpu *cpu, const struct insn *i)        \
    {                                                                \
        arith_sti(cpu, i, fn, reverse, i->a.reg, 0, true);           \
    }

ARITH(ADD, f80_add, false)
ARITH(MUL, f80_mul, false)
ARITH(SUB, f80_sub, false)
ARITH(SUBR, f80_sub, true)
ARITH(DIV, f80_div, false)
ARITH(DIVR, f80_div, true)

/* ST(0) = fn(ST(0)) */
static ALWAYS_INLINE void arith_unary(struct cpu *cpu, const struct insn *i, f80_op1 fn)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;
    struct f80 r;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (UNLIKELY(st_empty(f, 0))) {
        if (fpu_stack_fault(cpu, false)) {
            st_set(f, 0, F80_INDEFINITE);
        }
        return;
    }
    c = fpu_context(f);
    r = fn(&c, *st(f, 0));
    if (LIKELY(fpu_commit(cpu, &c))) {
        *st(f, 0) = r;
    }
}

void op_FSQRT(struct cpu *cpu, const struct insn *i)
{
    arith_unary(cpu, i, f80_sqrt);
}

void op_FRNDINT(struct cpu *cpu, const struct insn *i)
{
    arith_unary(cpu, i, f80_round_int);
}

void op_F2XM1(struct cpu *cpu, const struct insn *i)
{
    arith_unary(cpu, i, f80_2xm1);
}

static struct f80 change_sign(struct fp_ctx *c, struct f80 a)
{
    (void)c;
    a.sexp ^= 0x8000;
    return a;
}

static struct f80 clear_sign(struct fp_ctx *c, struct f80 a)
{
    (void)c;
    a.sexp &= 0x7fff;
    return a;
}

void op_FCHS(struct cpu *cpu, const struct insn *i)
{
    arith_unary(cpu, i, change_sign);
}

void op_FABS(struct cpu *cpu, const struct insn *i)
{
    arith_unary(cpu, i, clear_sign);
}

void op_FSCALE(struct cpu *cpu, const struct insn *i)
{
    arith_sti(cpu, i, f80_scale, false, 0, 1, false);
}

/* ST(1) = fn(ST(0), ST(1)), pop */
void op_FYL2X(struct cpu *cpu, const struct insn *i)
{
    arith_sti(cpu, i, f80_yl2x, true, 1, 0, true);
}

void op_FYL2XP1(struct cpu *cpu, const struct insn *i)
{
    arith_sti(cpu, i, f80_yl2xp1, true, 1, 0, true);
}

void op_FPATAN(struct cpu *cpu, const struct insn *i)
{
    arith_sti(cpu, i, f80_atan2, false, 1, 0, true);
}

static void remainder_op(struct cpu *cpu, const struct insn *i, bool nearest)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;
    struct f80 r;
    uint64_t q;
    bool partial;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C2;
    if (st_empty(f, 0) || st_empty(f, 1)) {
        if (fpu_stack_fault(cpu, false)) {
            st_set(f, 0, F80_INDEFINITE);
        }
        return;
    }
    c = fpu_context(f);
    r = f80_rem(&c, *st(f, 0), *st(f, 1), nearest, &q, &partial);
    if (!fpu_commit(cpu, &c)) {
        return;
    }
    if (!f80_is_nan(r)) {
        f->sw &= (uint16_t) ~(SW_CC | SW_C1);
    }
    if (partial) {
        f->sw |= SW_C2;
    } else {
        f->sw |= (q & 4 ? SW_C0 : 0) | (q & 2 ? SW_C3 : 0) | (q & 1 ? SW_C1 : 0);
    }
    *st(f, 0) = r;
}

void op_FPREM(struct cpu *cpu, const struct insn *i)
{
    remainder_op(cpu, i, false);
}

void op_FPREM1(struct cpu *cpu, const struct insn *i)
{
    remainder_op(cpu, i, true);
}

/* Instructions that replace ST(0) and push: one register in, two out. false: a stack fault, dealt
 * with. */
static bool begin_one_to_two(struct cpu *cpu, const struct insn *i, uint16_t clear)
{
    struct fpu *f = &cpu->fpu;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~clear;
    if (!st_empty(f, 0) && st_empty(f, 7)) {
        return true;
    }
    if (fpu_stack_fault(cpu, !st_empty(f, 0))) {
        st_set(f, 0, F80_INDEFINITE);
        st_push(f, F80_INDEFINITE);
    }
    return false;
}

void op_FXTRACT(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    struct f80 exponent, significand;
    struct fp_ctx c;

    if (!begin_one_to_two(cpu, i, 0)) {
        return;
    }
    c = fpu_context(f);
    exponent = f80_extract(&c, *st(f, 0), &significand);
    if (fpu_commit(cpu, &c)) {
        *st(f, 0) = exponent;
        st_push(f, significand);
    }
}

void op_FPTAN(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;
    struct f80 r;

    if (!begin_one_to_two(cpu, i, SW_C2)) {
        return;
    }
    c = fpu_context(f);
    if (!f80_tan(&c, *st(f, 0), &r)) {
        f->sw = (uint16_t)((f->sw & ~SW_C1) | SW_C2);
        return;
    }
    if (fpu_commit(cpu, &c)) {
        *st(f, 0) = r;
        st_push(f, f80_is_nan(r) ? r : f80_make(0, F80_BIAS, 0x8000000000000000u));
    }
}

void op_FSINCOS(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    struct f80 sine, cosine;
    struct fp_ctx c;

    if (!begin_one_to_two(cpu, i, SW_C2)) {
        return;
    }
    c = fpu_context(f);
    if (!f80_sincos(&c, *st(f, 0), &sine, &cosine)) {
        f->sw = (uint16_t)((f->sw & ~SW_C1) | SW_C2);
        return;
    }
    if (fpu_commit(cpu, &c)) {
        *st(f, 0) = sine;
        st_push(f, cosine);
    }
}

static void sine_or_cosine(struct cpu *cpu, const struct insn *i, bool cosine)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;
    struct f80 r;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C2;
    if (st_empty(f, 0)) {
        if (fpu_stack_fault(cpu, false)) {
            st_set(f, 0, F80_INDEFINITE);
        }
        return;
    }
    c = fpu_context(f);
    if (!f80_sincos(&c, *st(f, 0), cosine ? NULL : &r, cosine ? &r : NULL)) {
        f->sw = (uint16_t)((f->sw & ~SW_C1) | SW_C2);
        return;
    }
    if (fpu_commit(cpu, &c)) {
        *st(f, 0) = r;
    }
}

void op_FSIN(struct cpu *cpu, const struct insn *i)
{
    sine_or_cosine(cpu, i, false);
}

void op_FCOS(struct cpu *cpu, const struct insn *i)
{
    sine_or_cosine(cpu, i, true);
}

/* ---- compares ---- */

static void set_relation(struct fpu *f, enum fp_relation rel)
{
    static const uint16_t cc[4] = {SW_C0, SW_C3, 0, SW_CC};

    f->sw = (uint16_t)((f->sw & ~SW_CC) | cc[rel + 1]);
}

static inline void pop_many(struct fpu *f, unsigned pops)
{
    while (pops--) {
        st_pop(f);
    }
}

/* ST(0) with b; c->flags has a denormal memory operand's. */
static ALWAYS_INLINE void compare(struct cpu *cpu, struct fp_ctx *c, struct f80 b, bool signalling,
                                  unsigned pops)
{
    struct fpu *f = &cpu->fpu;
    uint8_t denormal = c->flags;
    enum fp_relation rel;

    c->flags = 0;
    rel = f80_compare(c, *st(f, 0), b, signalling);
    if (rel != FP_UNORDERED) {
        c->flags |= denormal;
    }
    set_relation(f, rel); /* even if an unmasked exception keeps the stack as it is */
    if (fpu_commit(cpu, c)) {
        pop_many(f, pops);
    }
}

static void compare_underflow(struct cpu *cpu, unsigned pops)
{
    set_relation(&cpu->fpu, FP_UNORDERED);
    if (fpu_stack_fault(cpu, false)) {
        pop_many(&cpu->fpu, pops);
    }
}

static ALWAYS_INLINE void compare_sti(struct cpu *cpu, const struct insn *i, unsigned reg,
                                      bool signalling, unsigned pops)
{
    struct fpu *f = &cpu->fpu;
    struct fp_ctx c;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (UNLIKELY(st_empty(f, 0) || st_empty(f, reg))) {
        compare_underflow(cpu, pops);
        return;
    }
    c = fpu_context(f);
    compare(cpu, &c, *st(f, reg), signalling, pops);
}

#define COMPARE_STI(name, reg, signalling, pops)          \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        compare_sti(cpu, i, reg, signalling, pops);       \
    }

COMPARE_STI(FCOM_sti, i->b.reg, true, 0)
COMPARE_STI(FCOMP_sti, i->b.reg, true, 1)
COMPARE_STI(FCOMPP, 1, true, 2)
COMPARE_STI(FUCOM, i->b.reg, false, 0)
COMPARE_STI(FUCOMP, i->b.reg, false, 1)
COMPARE_STI(FUCOMPP, 1, false, 2)

#define COMPARE_MEM(name, operand, pops)                  \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        uint32_t ea = insn_ea(cpu, i);                    \
        struct fp_ctx c;                                  \
                                                          \
        fpu_begin(cpu);                                   \
        c = fpu_context(&cpu->fpu);                       \
        struct f80 b = operand;                           \
        fpu_note_mem(cpu, i, ea);                         \
        if (UNLIKELY(st_empty(&cpu->fpu, 0))) {           \
            compare_underflow(cpu, pops);                 \
            return;                                       \
        }                                                 \
        compare(cpu, &c, b, true, pops);                  \
    }

COMPARE_MEM(FCOM_m32, OPERAND_F32, 0)
COMPARE_MEM(FCOM_m64, OPERAND_F64, 0)
COMPARE_MEM(FCOMP_m32, OPERAND_F32, 1)
COMPARE_MEM(FCOMP_m64, OPERAND_F64, 1)
COMPARE_MEM(FICOM_m16, OPERAND_I16, 0)
COMPARE_MEM(FICOM_m32, OPERAND_I32, 0)
COMPARE_MEM(FICOMP_m16, OPERAND_I16, 1)
COMPARE_MEM(FICOMP_m32, OPERAND_I32, 1)

void op_FTST(struct cpu *cpu, const struct insn *i)
{
    struct fp_ctx c;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (st_empty(&cpu->fpu, 0)) {
        compare_underflow(cpu, 0);
        return;
    }
    c = fpu_context(&cpu->fpu);
    compare(cpu, &c, f80_make(0, 0, 0), true, 0);
}

static inline void compare_eflags(struct cpu *cpu, const struct insn *i, bool signalling, bool pop)
{
    static const uint32_t flags[4] = {EFLAGS_CF, EFLAGS_ZF, 0, EFLAGS_CF | EFLAGS_PF | EFLAGS_ZF};
    struct fpu *f = &cpu->fpu;
    enum fp_relation rel = FP_UNORDERED;
    bool masked;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    if (UNLIKELY(st_empty(f, 0) || st_empty(f, i->b.reg))) {
        masked = fpu_stack_fault(cpu, false);
    } else {
        struct fp_ctx c = fpu_context(f);
        uint16_t c1 = f->sw & SW_C1;

        rel = f80_compare(&c, *st(f, 0), *st(f, i->b.reg), signalling);
        masked = fpu_commit(cpu, &c);
        f->sw |= c1; /* as on AMD's CPUs; Intel's manual has it cleared */
    }
    flags_set(cpu, flags[rel + 1]);
    if (pop && masked) {
        st_pop(f);
    }
}

void op_FCOMI(struct cpu *cpu, const struct insn *i)
{
    compare_eflags(cpu, i, true, false);
}

void op_FCOMIP(struct cpu *cpu, const struct insn *i)
{
    compare_eflags(cpu, i, true, true);
}

void op_FUCOMI(struct cpu *cpu, const struct insn *i)
{
    compare_eflags(cpu, i, false, false);
}

void op_FUCOMIP(struct cpu *cpu, const struct insn *i)
{
    compare_eflags(cpu, i, false, true);
}

void op_FXAM(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    struct f80 a;
    unsigned cc;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    a = *st(f, 0);
    cc = st_empty(f, 0)          ? SW_C3 | SW_C0
         : f80_is_unsupported(a) ? 0
         : f80_is_nan(a)         ? SW_C0
         : f80_is_inf(a)         ? SW_C2 | SW_C0
         : f80_is_zero(a)        ? SW_C3
         : f80_is_denormal(a)    ? SW_C3 | SW_C2
                                 : SW_C2;
    f->sw = (uint16_t)((f->sw & ~(SW_CC | SW_C1)) | cc | (F80_SIGN(a) ? SW_C1 : 0));
}

/* ---- registers ---- */

void op_FXCH(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;
    unsigned r = i->b.reg;
    struct f80 t;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C1;
    if (UNLIKELY(st_empty(f, 0) || st_empty(f, r))) {
        if (!fpu_stack_fault(cpu, false)) {
            return;
        }
        if (st_empty(f, 0)) {
            st_set(f, 0, F80_INDEFINITE);
        }
        if (st_empty(f, r)) {
            st_set(f, r, F80_INDEFINITE);
        }
    }
    t = *st(f, 0);
    *st(f, 0) = *st(f, r);
    *st(f, r) = t;
}

/* C1 stays as it was, as on AMD's CPUs; Intel's manual has it cleared. */
#define CMOV(name, cc)                                           \
    void op_##name(struct cpu *cpu, const struct insn *i)        \
    {                                                            \
        struct fpu *f = &cpu->fpu;                               \
                                                                 \
        fpu_begin(cpu);                                          \
        fpu_note(cpu, i);                                        \
        if (UNLIKELY(st_empty(f, 0) || st_empty(f, i->b.reg))) { \
            if (fpu_stack_fault(cpu, false)) {                   \
                st_set(f, 0, F80_INDEFINITE);                    \
            }                                                    \
        } else if (flags_condition(cpu, cc)) {                   \
            *st(f, 0) = *st(f, i->b.reg);                        \
        }                                                        \
    }

CMOV(FCMOVB, 2)
CMOV(FCMOVNB, 3)
CMOV(FCMOVE, 4)
CMOV(FCMOVNE, 5)
CMOV(FCMOVBE, 6)
CMOV(FCMOVNBE, 7)
CMOV(FCMOVU, 10)
CMOV(FCMOVNU, 11)

void op_FFREE(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;

    fpu_begin(cpu);
    fpu_note(cpu, i);
    f->sw &= (uint16_t)~SW_C1;
    f->empty |= (uint8_t)(1 << ((f->top + i->a.reg) & 7));
}

void op_FFREEP(struct cpu *cpu, const struct insn *i)
{
    op_FFREE(cpu, i);
    st_pop(&cpu->fpu);
}

void op_FINCSTP(struct cpu *cpu, const struct insn *i)
{
    fpu_begin(cpu);
    fpu_note(cpu, i);
    cpu->fpu.top = (cpu->fpu.top + 1) & 7;
    cpu->fpu.sw &= (uint16_t)~SW_C1;
}

void op_FDECSTP(struct cpu *cpu, const struct insn *i)
{
    fpu_begin(cpu);
    fpu_note(cpu, i);
    cpu->fpu.top = (cpu->fpu.top - 1) & 7;
    cpu->fpu.sw &= (uint16_t)~SW_C1;
}

void op_FNOP(struct cpu *cpu, const struct insn *i)
{
    fpu_begin(cpu);
    fpu_note(cpu, i);
}
