/* SPDX-License-Identifier: MIT */
/*
 * What the files of x87 instructions share: the register stack, and the frame of a handler.
 *
 * A handler goes: fpu_begin (#NM, #MF), memory operand (faults), fpu_note (instruction and data
 * pointers), stack faults, arithmetic (softfloat.h), fpu_commit (status word, unmasked exceptions),
 * result. Stores come before anything else changes, so that a fault changes nothing.
 */
#ifndef CPU_X87_H
#define CPU_X87_H

#include "cpu/ops.h"
#include "cpu/softfloat.h"

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

/* ---- memory: 8 bytes, for MMX and SSE too ---- */

static ALWAYS_INLINE uint64_t mem_load64(struct cpu *cpu, unsigned s, uint32_t off)
{
    linear_addr_t a = segment_read(cpu, s, off, 8);
    void *p = mmu_host_read(&cpu->mmu, a, 8);
    uint8_t buf[8];

    if (LIKELY(p)) {
        return load_le64(p);
    }
    mmu_load_bytes(&cpu->mmu, a, buf, 8);
    return load_le64(buf);
}

static ALWAYS_INLINE void mem_store64(struct cpu *cpu, unsigned s, uint32_t off, uint64_t v)
{
    linear_addr_t a = segment_write(cpu, s, off, 8);
    void *p = mmu_host_write(&cpu->mmu, a, 8);
    uint8_t buf[8];

    if (LIKELY(p)) {
        store_le64(p, v);
        return;
    }
    store_le64(buf, v);
    mmu_store_bytes(&cpu->mmu, a, buf, 8);
}

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

/* x87_state.c */
/* ES, B and FERR# follow the exceptions that are not masked. */
void fpu_update_summary(struct cpu *cpu);
/* An exception is pending at an instruction that waits: #MF, or FERR#. */
__attribute__((cold)) void fpu_pending(struct cpu *cpu);
bool fpu_commit_slow(struct cpu *cpu, const struct fp_ctx *c);
/* Underflow or overflow of the register stack. true: masked, the result is the indefinite value. */
__attribute__((cold)) bool fpu_stack_fault(struct cpu *cpu, bool overflow);

static inline struct f80 f80_load(const uint8_t *p)
{
    return (struct f80){.mant = load_le64(p), .sexp = load_le16(p + 8)};
}

static inline void f80_store(uint8_t *p, struct f80 v)
{
    store_le64(p, v.mant);
    store_le16(p + 8, v.sexp);
}

/* ---- the frame of a handler ---- */

static inline void fpu_begin_nowait(struct cpu *cpu)
{
    if (UNLIKELY(cpu->mmu.cr0 & (CR0_EM | CR0_TS))) {
        cpu_raise_nc(cpu, EXC_NM);
    }
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

#endif
