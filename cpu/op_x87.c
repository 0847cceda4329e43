/* SPDX-License-Identifier: MIT */
/*
 * The x87 floating-point unit, and FXSAVE/FXRSTOR. SDM volume 1 chapter 8, volume 2.
 *
 * A handler goes: fpu_begin (#NM, #MF), memory operand (faults), fpu_note (instruction and data
 * pointers), stack faults, arithmetic (softfloat.c), fpu_commit (status word, unmasked exceptions),
 * result. Stores check the memory first, so that a fault changes nothing.
 *
 * Condition codes that the manual leaves undefined are left alone. Not modelled: the 8087's and
 * 287's own ways (interrupt enable mask, projective infinity).
 */
#include "cpu/softfloat.h"
#include "cpu/ops.h"

#define SW_C0  0x0100
#define SW_C1  0x0200
#define SW_C2  0x0400
#define SW_C3  0x4000
#define SW_CC  (SW_C0 | SW_C2 | SW_C3)
#define SW_SF  0x0040
#define SW_ES  0x0080
#define SW_B   0x8000
#define SW_EXC 0x003f
#define SW_TOP 0x3800

#define CW_EXC  0x003f
#define CW_BITS 0x1f7f /* that exist; bit 6 reads 1 */

/* ---- state ---- */

static inline struct f80 *st(struct fpu *f, unsigned i)
{
    return &f->st[(f->top + i) & 7];
}

static inline bool st_empty(const struct fpu *f, unsigned i)
{
    return f->empty >> ((f->top + i) & 7) & 1;
}

static inline void st_pop(struct fpu *f)
{
    f->empty |= (uint8_t)(1 << f->top);
    f->top = (f->top + 1) & 7;
}

static inline void st_push(struct fpu *f, struct f80 v)
{
    f->top = (f->top - 1) & 7;
    f->empty &= (uint8_t) ~(1 << f->top);
    f->st[f->top] = v;
}

static inline void st_set(struct fpu *f, unsigned i, struct f80 v)
{
    unsigned r = (f->top + i) & 7;

    f->empty &= (uint8_t) ~(1 << r);
    f->st[r] = v;
}

static uint16_t fpu_status(const struct fpu *f)
{
    return (uint16_t)(f->sw | f->top << 11);
}

/* Followed by fpu_set_cw(), which works out ES and B. */
static void fpu_set_status(struct fpu *f, uint16_t sw)
{
    f->top = sw >> 11 & 7;
    f->sw = (sw & (uint16_t) ~(SW_TOP | SW_ES | SW_B)) | (f->sw & SW_ES);
}

/* FERR#: with CR0.NE clear the board makes an interrupt of it, as on the AT. */
static void fpu_update_ferr(struct cpu *cpu)
{
    if (cpu->bus.ferr) {
        cpu->bus.ferr(cpu->bus.opaque, (cpu->fpu.sw & SW_ES) && !(cpu->mmu.cr0 & CR0_NE));
    }
}

/* ES and B follow the exceptions that are not masked. */
static void fpu_update_summary(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;
    bool pending = f->sw & ~f->cw & CW_EXC;

    if (pending == !!(f->sw & SW_ES)) {
        f->sw = (uint16_t)((f->sw & ~SW_B) | (pending ? SW_B : 0));
        return;
    }
    f->sw ^= SW_ES;
    f->sw = (uint16_t)((f->sw & ~SW_B) | (pending ? SW_B : 0));
    fpu_update_ferr(cpu);
}

static void fpu_init(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    f->cw = 0x37f;
    f->sw &= SW_ES;
    fpu_update_summary(cpu);
    f->top = 0;
    f->empty = 0xff;
    f->fop = 0;
    f->fip = f->fdp = 0;
    f->fcs = f->fds = 0;
}

static void fpu_set_cw(struct cpu *cpu, uint16_t cw)
{
    cpu->fpu.cw = (cw & CW_BITS) | 0x40;
    fpu_update_summary(cpu);
}

/* ---- the frame of a handler ---- */

static inline void fpu_begin_nowait(struct cpu *cpu)
{
    if (UNLIKELY(cpu->mmu.cr0 & (CR0_EM | CR0_TS))) {
        cpu_raise_nc(cpu, EXC_NM);
    }
}

/*
 * An exception that is pending: #MF, or FERR# and the interrupt that the board makes of it. If that
 * one does not come (masked, or its handler used the FPU), a real CPU would wait for IGNNE#; this
 * one goes on.
 */
static __attribute__((cold, noinline)) void fpu_pending(struct cpu *cpu)
{
    if (cpu->mmu.cr0 & CR0_NE) {
        cpu_raise_nc(cpu, EXC_MF);
    }
    fpu_update_ferr(cpu);
}

static inline void fpu_begin(struct cpu *cpu)
{
    fpu_begin_nowait(cpu);
    if (UNLIKELY(cpu->fpu.sw & SW_ES)) {
        fpu_pending(cpu);
    }
}

/* Remembers where the last instruction was that is not a control instruction. */
static inline void fpu_note(struct cpu *cpu, const struct insn *i)
{
    struct fpu *f = &cpu->fpu;

    f->fip = cpu->block_eip + i->off;
    f->fcs = cpu->seg[CS].sel;
    f->fop = (uint16_t)((i->opcode & 7) << 8 | i->modrm);
}

static inline void fpu_note_mem(struct cpu *cpu, const struct insn *i, uint32_t ea)
{
    fpu_note(cpu, i);
    cpu->fpu.fdp = ea;
    cpu->fpu.fds = cpu->seg[i->seg].sel;
}

static inline struct fp_ctx fpu_context(const struct fpu *f)
{
    struct fp_ctx c = {0};

    c.rounding = f->cw >> 10 & 3;
    c.precision = (uint8_t)(0x40354018u >> (f->cw >> 5 & 24)); /* 24, 64, 53, 64 bits */
    c.unmasked = ~f->cw & CW_EXC;
    return c;
}

static __attribute__((noinline)) bool fpu_commit_slow(struct cpu *cpu, const struct fp_ctx *c)
{
    struct fpu *f = &cpu->fpu;
    unsigned flags = c->flags;
    unsigned before = flags & c->unmasked & (FP_IE | FP_DE | FP_ZE);

    if (before) {
        f->sw |= flags & (FP_IE | FP_DE | FP_ZE);
    } else {
        f->sw |= (uint16_t)(flags | (c->rounded_up ? SW_C1 : 0));
    }
    if (flags & c->unmasked) {
        fpu_update_summary(cpu);
    }
    return !before;
}

/* Records what an operation raised. false: unmasked before the operation; it has no result. */
static inline bool fpu_commit(struct cpu *cpu, const struct fp_ctx *c)
{
    cpu->fpu.sw &= (uint16_t)~SW_C1;
    if (LIKELY(!(c->flags | c->rounded_up))) {
        return true;
    }
    if (LIKELY(!(c->flags & ~FP_PE) && !(c->unmasked & FP_PE))) {
        cpu->fpu.sw |= (uint16_t)(c->flags | (c->rounded_up ? SW_C1 : 0));
        return true;
    }
    return fpu_commit_slow(cpu, c);
}

/* true: masked, the result is the indefinite value. */
static __attribute__((cold, noinline)) bool fpu_stack_fault(struct cpu *cpu, bool overflow)
{
    struct fpu *f = &cpu->fpu;

    f->sw = (uint16_t)((f->sw & ~SW_C1) | FP_IE | SW_SF | (overflow ? SW_C1 : 0));
    fpu_update_summary(cpu);
    return f->cw & FP_IE;
}

/* ---- memory ---- */

static inline uint64_t load64(struct cpu *cpu, const struct insn *i, uint32_t ea)
{
    linear_addr_t a = segment_read(cpu, i->seg, ea, 8);
    struct tlb_entry *e = mmu_entry(&cpu->mmu, a);
    uint8_t buf[8];

    if (MMU_HIT(e, read_tag, a, 8)) {
        return load_le64(MMU_HOST(e, a));
    }
    mmu_load_bytes(&cpu->mmu, a, buf, 8);
    return load_le64(buf);
}

static inline void store64(struct cpu *cpu, const struct insn *i, uint32_t ea, uint64_t v)
{
    linear_addr_t a = segment_write(cpu, i->seg, ea, 8);
    struct tlb_entry *e = mmu_entry(&cpu->mmu, a);
    uint8_t buf[8];

    if (MMU_HIT(e, write_tag, a, 8)) {
        store_le64(MMU_HOST(e, a), v);
        return;
    }
    store_le64(buf, v);
    mmu_store_bytes(&cpu->mmu, a, buf, 8);
}

static struct f80 f80_load(const uint8_t *p)
{
    return (struct f80){.mant = load_le64(p), .sexp = load_le16(p + 8)};
}

static void f80_store(uint8_t *p, struct f80 v)
{
    store_le64(p, v.mant);
    store_le16(p + 8, v.sexp);
}

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
LOAD(FLD_m64, load64(cpu, i, ea), FROM_F64)
LOAD(FILD_m16, (int16_t)mem_load16(cpu, i->seg, ea), f80_from_i64)
LOAD(FILD_m32, (int32_t)mem_load32(cpu, i->seg, ea), f80_from_i64)
LOAD(FILD_m64, (int64_t)load64(cpu, i, ea), f80_from_i64)

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
                store(cpu, i, ea, indefinite);                          \
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
            store(cpu, i, ea, v);                                       \
        }                                                               \
        fpu_note_mem(cpu, i, ea);                                       \
        if (fpu_commit_store(cpu, &c) && (pops)) {                      \
            st_pop(f);                                                  \
        }                                                               \
    }

static inline void store16(struct cpu *cpu, const struct insn *i, uint32_t ea, uint16_t v)
{
    mem_store16(cpu, i->seg, ea, v);
}

static inline void store32(struct cpu *cpu, const struct insn *i, uint32_t ea, uint32_t v)
{
    mem_store32(cpu, i->seg, ea, v);
}

#define TO_I16(c, v)    f80_to_int(c, v, 16, false)
#define TO_I32(c, v)    f80_to_int(c, v, 32, false)
#define TO_I64(c, v)    f80_to_int(c, v, 64, false)
#define TRUNC_I16(c, v) f80_to_int(c, v, 16, true)
#define TRUNC_I32(c, v) f80_to_int(c, v, 32, true)
#define TRUNC_I64(c, v) f80_to_int(c, v, 64, true)
STORE(FST_m32, uint32_t, f80_to_f32, 0xffc00000u, store32, false)
STORE(FSTP_m32, uint32_t, f80_to_f32, 0xffc00000u, store32, true)
STORE(FST_m64, uint64_t, f80_to_f64, 0xfff8000000000000u, store64, false)
STORE(FSTP_m64, uint64_t, f80_to_f64, 0xfff8000000000000u, store64, true)
STORE(FIST_m16, uint16_t, TO_I16, 0x8000u, store16, false)
STORE(FISTP_m16, uint16_t, TO_I16, 0x8000u, store16, true)
STORE(FIST_m32, uint32_t, TO_I32, 0x80000000u, store32, false)
STORE(FISTP_m32, uint32_t, TO_I32, 0x80000000u, store32, true)
STORE(FISTP_m64, uint64_t, TO_I64, 0x8000000000000000u, store64, true)
STORE(FISTTP_m16, uint16_t, TRUNC_I16, 0x8000u, store16, true)
STORE(FISTTP_m32, uint32_t, TRUNC_I32, 0x80000000u, store32, true)
STORE(FISTTP_m64, uint64_t, TRUNC_I64, 0x8000000000000000u, store64, true)

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

static inline void arith_sti(struct cpu *cpu, const struct insn *i, f80_op2 fn, bool reverse,
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
static inline void arith_mem(struct cpu *cpu, struct fp_ctx *c, f80_op2 fn, bool reverse,
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
#define OPERAND_F64 f80_operand_f64(&c, load64(cpu, i, ea))
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
static inline void arith_unary(struct cpu *cpu, const struct insn *i, f80_op1 fn)
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
static inline void compare(struct cpu *cpu, struct fp_ctx *c, struct f80 b, bool signalling,
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

static inline void compare_sti(struct cpu *cpu, const struct insn *i, unsigned reg, bool signalling,
                               unsigned pops)
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

        rel = f80_compare(&c, *st(f, 0), *st(f, i->b.reg), signalling);
        masked = fpu_commit(cpu, &c);
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

#define CMOV(name, cc)                                           \
    void op_##name(struct cpu *cpu, const struct insn *i)        \
    {                                                            \
        struct fpu *f = &cpu->fpu;                               \
                                                                 \
        fpu_begin(cpu);                                          \
        fpu_note(cpu, i);                                        \
        f->sw &= (uint16_t)~SW_C1;                               \
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

/* ---- control ---- */

void op_WAIT(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    if ((cpu->mmu.cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) {
        cpu_raise_nc(cpu, EXC_NM);
    }
    if (cpu->fpu.sw & SW_ES) {
        fpu_pending(cpu);
    }
}

/* No x87: the instruction goes to a coprocessor that is not there. */
void op_ESC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
}

void op_FNINIT(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
    fpu_init(cpu);
}

void op_FNCLEX(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    fpu_begin_nowait(cpu);
    cpu->fpu.sw &= (uint16_t) ~(SW_EXC | SW_SF);
    fpu_update_summary(cpu);
}

/* 8087 and 287 only; the later ones ignore them. */
#define IGNORED(name)                                     \
    void op_##name(struct cpu *cpu, const struct insn *i) \
    {                                                     \
        (void)i;                                          \
        fpu_begin_nowait(cpu);                            \
    }

IGNORED(FNENI)
IGNORED(FNDISI)
IGNORED(FNSETPM)

void op_FLDCW(struct cpu *cpu, const struct insn *i)
{
    fpu_begin(cpu);
    fpu_set_cw(cpu, mem_load16(cpu, i->seg, insn_ea(cpu, i)));
}

void op_FNSTCW(struct cpu *cpu, const struct insn *i)
{
    fpu_begin_nowait(cpu);
    mem_store16(cpu, i->seg, insn_ea(cpu, i), cpu->fpu.cw);
}

void op_FNSTSW(struct cpu *cpu, const struct insn *i)
{
    uint16_t sw = fpu_status(&cpu->fpu);

    fpu_begin_nowait(cpu);
    if (i->a.kind == OPD_MEM) {
        mem_store16(cpu, i->seg, insn_ea(cpu, i), sw);
    } else {
        reg16_set(cpu, EAX, sw);
    }
}

/* The full tag word is worked out from the registers: 0 valid, 1 zero, 2 special, 3 empty. */
static uint16_t fpu_tag_word(const struct fpu *f)
{
    unsigned tw = 0;

    for (unsigned r = 0; r < 8; r++) {
        struct f80 a = f->st[r];
        unsigned tag = f->empty >> r & 1 ? 3 : f80_is_zero(a) ? 1 : f80_is_normal(a) ? 0 : 2;

        tw |= tag << (2 * r);
    }
    return (uint16_t)tw;
}

static void fpu_set_tag_word(struct fpu *f, uint16_t tw)
{
    f->empty = 0;
    for (unsigned r = 0; r < 8; r++) {
        f->empty |= (uint8_t)((tw >> (2 * r) & 3) == 3 ? 1 << r : 0);
    }
}

static unsigned env_size(const struct insn *i)
{
    return i->opsize == 4 ? 28 : 14;
}

static void env_save(const struct cpu *cpu, const struct insn *i, uint8_t *p)
{
    const struct fpu *f = &cpu->fpu;
    uint32_t word[7] = {f->cw, fpu_status(f), fpu_tag_word(f)};

    if (cpu_protected(cpu)) {
        word[3] = f->fip;
        word[4] = f->fcs;
        word[5] = f->fdp;
        word[6] = f->fds;
        if (i->opsize == 4) {
            word[4] |= (uint32_t)f->fop << 16;
            word[6] |= 0xffff0000u;
        }
    } else {
        uint32_t ip = ((uint32_t)f->fcs << 4) + f->fip, dp = ((uint32_t)f->fds << 4) + f->fdp;

        word[3] = ip;
        word[5] = dp;
        if (i->opsize == 4) {
            word[3] |= 0xffff0000u;
            word[4] = (ip >> 16) << 12 | f->fop;
            word[5] |= 0xffff0000u;
            word[6] = (dp >> 16) << 12;
        } else {
            word[4] = (ip >> 4 & 0xf000) | f->fop;
            word[6] = dp >> 4 & 0xf000;
        }
    }
    for (unsigned k = 0; k < 7; k++) {
        if (i->opsize == 4) {
            store_le32(p + 4 * k, k < 3 ? word[k] | 0xffff0000u : word[k]);
        } else {
            store_le16(p + 2 * k, (uint16_t)word[k]);
        }
    }
}

static void env_load(struct cpu *cpu, const struct insn *i, const uint8_t *p)
{
    struct fpu *f = &cpu->fpu;
    uint32_t word[7];

    for (unsigned k = 0; k < 7; k++) {
        word[k] = i->opsize == 4 ? load_le32(p + 4 * k) : load_le16(p + 2 * k);
    }
    fpu_set_status(f, (uint16_t)word[1]);
    fpu_set_tag_word(f, (uint16_t)word[2]);
    if (cpu_protected(cpu)) {
        f->fip = word[3];
        f->fcs = (uint16_t)word[4];
        f->fdp = word[5];
        f->fds = (uint16_t)word[6];
        if (i->opsize == 4) {
            f->fop = word[4] >> 16 & 0x7ff;
        }
    } else {
        f->fcs = f->fds = 0;
        f->fop = word[4] & 0x7ff;
        f->fip = (word[3] & 0xffff) | (word[4] >> 12) << 16;
        f->fdp = (word[5] & 0xffff) | (word[6] >> 12) << 16;
    }
    fpu_set_cw(cpu, (uint16_t)word[0]);
}

void op_FNSTENV(struct cpu *cpu, const struct insn *i)
{
    uint8_t buf[28];

    fpu_begin_nowait(cpu);
    env_save(cpu, i, buf);
    mem_store_bytes(cpu, i->seg, insn_ea(cpu, i), buf, env_size(i));
    cpu->fpu.cw |= CW_EXC;
    fpu_update_summary(cpu);
}

void op_FLDENV(struct cpu *cpu, const struct insn *i)
{
    uint8_t buf[28];

    fpu_begin(cpu);
    mem_load_bytes(cpu, i->seg, insn_ea(cpu, i), buf, env_size(i));
    env_load(cpu, i, buf);
}

void op_FNSAVE(struct cpu *cpu, const struct insn *i)
{
    unsigned n = env_size(i);
    uint8_t buf[28 + 80];

    fpu_begin_nowait(cpu);
    env_save(cpu, i, buf);
    for (unsigned r = 0; r < 8; r++) {
        f80_store(buf + n + 10 * r, *st(&cpu->fpu, r));
    }
    mem_store_bytes(cpu, i->seg, insn_ea(cpu, i), buf, n + 80);
    fpu_init(cpu);
}

void op_FRSTOR(struct cpu *cpu, const struct insn *i)
{
    unsigned n = env_size(i);
    uint8_t buf[28 + 80];

    fpu_begin(cpu);
    mem_load_bytes(cpu, i->seg, insn_ea(cpu, i), buf, n + 80);
    env_load(cpu, i, buf);
    for (unsigned r = 0; r < 8; r++) {
        *st(&cpu->fpu, r) = f80_load(buf + n + 10 * r);
    }
}

/* ---- FXSAVE, FXRSTOR ---- */

#define FX_SIZE   512
#define FX_HEADER 32
#define FX_XMM    160

static uint32_t mxcsr_mask(const struct cpu *cpu)
{
    return cpu_has(cpu, FEAT_SSE2) ? 0xffff : cpu_has(cpu, FEAT_SSE) ? 0xffbf : 0;
}

static uint32_t fx_begin(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = insn_ea(cpu, i);

    fpu_begin_nowait(cpu);
    if ((cpu->seg[i->seg].base + ea) & 15) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    return ea;
}

void op_FXSAVE(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = fx_begin(cpu, i);
    const struct fpu *f = &cpu->fpu;
    bool sse = cpu_has(cpu, FEAT_SSE);
    uint8_t buf[FX_XMM + 128] = {0};

    store_le16(buf, f->cw);
    store_le16(buf + 2, fpu_status(f));
    buf[4] = (uint8_t)~f->empty;
    store_le16(buf + 6, f->fop);
    store_le32(buf + 8, f->fip);
    store_le16(buf + 12, f->fcs);
    store_le32(buf + 16, f->fdp);
    store_le16(buf + 20, f->fds);
    if (sse) {
        store_le32(buf + 24, cpu->mxcsr);
        store_le32(buf + 28, mxcsr_mask(cpu));
    }
    for (unsigned r = 0; r < 8; r++) {
        f80_store(buf + FX_HEADER + 16 * r, f->st[(f->top + r) & 7]);
        for (unsigned k = 0; k < 2; k++) {
            store_le64(buf + FX_XMM + 16 * r + 8 * k, cpu->xmm[r].u64[k]);
        }
    }
    mem_check_write(cpu, i->seg, ea, FX_SIZE);
    mem_store_bytes(cpu, i->seg, ea, buf, sse ? sizeof(buf) : FX_XMM);
}

void op_FXRSTOR(struct cpu *cpu, const struct insn *i)
{
    uint32_t ea = fx_begin(cpu, i);
    struct fpu *f = &cpu->fpu;
    uint8_t buf[FX_SIZE];

    mem_load_bytes(cpu, i->seg, ea, buf, FX_SIZE);
    if (cpu_has(cpu, FEAT_SSE)) {
        if (load_le32(buf + 24) & ~mxcsr_mask(cpu)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        cpu->mxcsr = load_le32(buf + 24);
        for (unsigned r = 0; r < 8; r++) {
            for (unsigned k = 0; k < 2; k++) {
                cpu->xmm[r].u64[k] = load_le64(buf + FX_XMM + 16 * r + 8 * k);
            }
        }
    }
    fpu_set_status(f, load_le16(buf + 2));
    f->empty = (uint8_t)~buf[4];
    f->fop = load_le16(buf + 6) & 0x7ff;
    f->fip = load_le32(buf + 8);
    f->fcs = load_le16(buf + 12);
    f->fdp = load_le32(buf + 16);
    f->fds = load_le16(buf + 20);
    for (unsigned r = 0; r < 8; r++) {
        *st(f, r) = f80_load(buf + FX_HEADER + 16 * r);
    }
    fpu_set_cw(cpu, load_le16(buf));
}
