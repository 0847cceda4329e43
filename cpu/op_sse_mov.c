/* SPDX-License-Identifier: MIT */
/*
 * The instructions of SSE and SSE2 that move and combine bits, whatever number they are: no
 * floating-point exceptions, MXCSR is not looked at. SDM volume 1, chapters 10 and 11.
 */
#include "cpu/segment.h"
#include "cpu/simd.h"

/* ---- Logic and shuffles ---- */

#define SSE_LOGIC(name, expr)                                            \
    void op_##name(struct cpu *cpu, const struct insn *i)                \
    {                                                                    \
        sse_check(cpu);                                                  \
                                                                         \
        union xmm s = xmm_load(cpu, i, &i->b), *d = &cpu->xmm[i->a.reg]; \
                                                                         \
        for (unsigned n = 0; n < 2; n++) {                               \
            d->u64[n] = expr;                                            \
        }                                                                \
    }

SSE_LOGIC(ANDPS, d->u64[n] & s.u64[n])
SSE_LOGIC(ANDPD, d->u64[n] & s.u64[n])
SSE_LOGIC(ANDNPS, ~d->u64[n] & s.u64[n])
SSE_LOGIC(ANDNPD, ~d->u64[n] & s.u64[n])
SSE_LOGIC(ORPS, d->u64[n] | s.u64[n])
SSE_LOGIC(ORPD, d->u64[n] | s.u64[n])
SSE_LOGIC(XORPS, d->u64[n] ^ s.u64[n])
SSE_LOGIC(XORPD, d->u64[n] ^ s.u64[n])

void op_SHUFPS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), dst = cpu->xmm[i->a.reg];
    union xmm *out = &cpu->xmm[i->a.reg];

    for (unsigned n = 0; n < 4; n++) {
        unsigned k = i->imm >> 2 * n & 3;

        out->u32[XMM_D(n)] = n < 2 ? dst.u32[XMM_D(k)] : src.u32[XMM_D(k)];
    }
}

void op_SHUFPD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];

    *dst = (union xmm){.u64 = {dst->u64[i->imm & 1], src.u64[i->imm >> 1 & 1]}};
}

static ALWAYS_INLINE void unpack_ps(struct cpu *cpu, const struct insn *i, unsigned half)
{
    sse_check(cpu);

    uint64_t s = xmm_load(cpu, i, &i->b).u64[half], d = cpu->xmm[i->a.reg].u64[half];

    cpu->xmm[i->a.reg] =
        (union xmm){.u64 = {(d & 0xffffffff) | s << 32, d >> 32 | (s >> 32 << 32)}};
}

void op_UNPCKLPS(struct cpu *cpu, const struct insn *i)
{
    unpack_ps(cpu, i, 0);
}

void op_UNPCKHPS(struct cpu *cpu, const struct insn *i)
{
    unpack_ps(cpu, i, 1);
}

static ALWAYS_INLINE void unpack_pd(struct cpu *cpu, const struct insn *i, unsigned half)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];

    *dst = (union xmm){.u64 = {dst->u64[half], src.u64[half]}};
}

void op_UNPCKLPD(struct cpu *cpu, const struct insn *i)
{
    unpack_pd(cpu, i, 0);
}

void op_UNPCKHPD(struct cpu *cpu, const struct insn *i)
{
    unpack_pd(cpu, i, 1);
}

void op_MOVMSKPS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    const union xmm *s = &cpu->xmm[i->b.reg];

    cpu->reg[i->a.reg] = s->u32[XMM_D(0)] >> 31 | s->u32[XMM_D(1)] >> 31 << 1 |
                         s->u32[XMM_D(2)] >> 31 << 2 | s->u32[XMM_D(3)] >> 31 << 3;
}

void op_MOVMSKPD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    const union xmm *s = &cpu->xmm[i->b.reg];

    cpu->reg[i->a.reg] = (uint32_t)(s->u64[0] >> 63 | s->u64[1] >> 63 << 1);
}

/* ---- Moves: Vx, Wx and Wx, Vx ---- */

static ALWAYS_INLINE void move(struct cpu *cpu, const struct insn *i, bool aligned)
{
    sse_check(cpu);
    xmm_store_at(cpu, i, &i->a, xmm_load_at(cpu, i, &i->b, aligned), aligned);
}

void op_MOVAPS(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, true);
}

void op_MOVAPD(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, true);
}

void op_MOVUPS(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, false);
}

void op_MOVUPD(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, false);
}

void op_MOVNTPS(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, true);
}

void op_MOVNTPD(struct cpu *cpu, const struct insn *i)
{
    move(cpu, i, true);
}

/* From memory the rest of the register becomes 0; from a register it stays. */
void op_MOVSS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint32_t v = xmm_load32(cpu, i, &i->b);

    if (i->a.kind == OPD_MEM) {
        mem_store32(cpu, i->seg, insn_ea(cpu, i), v);
    } else if (i->b.kind == OPD_MEM) {
        cpu->xmm[i->a.reg] = (union xmm){.u64 = {v, 0}};
    } else {
        cpu->xmm[i->a.reg].u32[XMM_D(0)] = v;
    }
}

void op_MOVSD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint64_t v = xmm_load64(cpu, i, &i->b);

    if (i->a.kind == OPD_MEM) {
        mem_store64(cpu, i->seg, insn_ea(cpu, i), v);
    } else if (i->b.kind == OPD_MEM) {
        cpu->xmm[i->a.reg] = (union xmm){.u64 = {v, 0}};
    } else {
        cpu->xmm[i->a.reg].u64[0] = v;
    }
}

/* Vq, Mq and Mq, Vq: one half, the other stays */
static ALWAYS_INLINE void move_half(struct cpu *cpu, const struct insn *i, unsigned half)
{
    sse_check(cpu);
    if (i->a.kind == OPD_MEM) {
        mem_store64(cpu, i->seg, insn_ea(cpu, i), cpu->xmm[i->b.reg].u64[half]);
    } else {
        cpu->xmm[i->a.reg].u64[half] = mem_load64(cpu, i->seg, insn_ea(cpu, i));
    }
}

void op_MOVLPS(struct cpu *cpu, const struct insn *i)
{
    move_half(cpu, i, 0);
}

void op_MOVLPD(struct cpu *cpu, const struct insn *i)
{
    move_half(cpu, i, 0);
}

void op_MOVHPS(struct cpu *cpu, const struct insn *i)
{
    move_half(cpu, i, 1);
}

void op_MOVHPD(struct cpu *cpu, const struct insn *i)
{
    move_half(cpu, i, 1);
}

void op_MOVHLPS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    cpu->xmm[i->a.reg].u64[0] = cpu->xmm[i->b.reg].u64[1];
}

void op_MOVLHPS(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    cpu->xmm[i->a.reg].u64[1] = cpu->xmm[i->b.reg].u64[0];
}

/* ---- Caches ---- */

/* A hint: never faults. */
void op_PREFETCH(struct cpu *cpu, const struct insn *i)
{
    (void)cpu;
    (void)i;
}

/* There is no cache to flush; checked as a load of a byte, and from an execute-only segment as well
 * (SDM 2A). */
void op_CLFLUSH(struct cpu *cpu, const struct insn *i)
{
    const struct segment *s = &cpu->seg[i->seg];
    uint32_t off = insn_ea(cpu, i);

    if (cpu_protected(cpu) && attr_is_code(s->attr) && segment_contains(s, off, 1)) {
        mmu_load8(&cpu->mmu, s->base + off);
    } else {
        mem_load8(cpu, i->seg, off);
    }
}

void op_SFENCE(struct cpu *cpu, const struct insn *i)
{
    (void)cpu;
    (void)i;
}

void op_LFENCE(struct cpu *cpu, const struct insn *i)
{
    (void)cpu;
    (void)i;
}

void op_MFENCE(struct cpu *cpu, const struct insn *i)
{
    (void)cpu;
    (void)i;
}
