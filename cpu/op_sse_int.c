/* SPDX-License-Identifier: MIT */
/*
 * SSE2's 128-bit integer instructions, the 16-byte moves of integers, and the moves between MMX and
 * XMM registers. SDM volume 1, chapter 11.
 */
#include "cpu/simd.h"
#include "cpu/simd_lanes.h"

#define XMM_BINARY(name)                                                     \
    void op_##name##_xmm(struct cpu *cpu, const struct insn *i)              \
    {                                                                        \
        sse_check(cpu);                                                      \
                                                                             \
        union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg]; \
                                                                             \
        dst->u64[0] = lanes_##name(dst->u64[0], src.u64[0]);                 \
        dst->u64[1] = lanes_##name(dst->u64[1], src.u64[1]);                 \
    }

XMM_BINARY(PADDB)
XMM_BINARY(PADDW)
XMM_BINARY(PADDD)
XMM_BINARY(PADDQ)
XMM_BINARY(PADDSB)
XMM_BINARY(PADDSW)
XMM_BINARY(PADDUSB)
XMM_BINARY(PADDUSW)
XMM_BINARY(PSUBB)
XMM_BINARY(PSUBW)
XMM_BINARY(PSUBD)
XMM_BINARY(PSUBQ)
XMM_BINARY(PSUBSB)
XMM_BINARY(PSUBSW)
XMM_BINARY(PSUBUSB)
XMM_BINARY(PSUBUSW)
XMM_BINARY(PMULLW)
XMM_BINARY(PMULHW)
XMM_BINARY(PMULHUW)
XMM_BINARY(PMULUDQ)
XMM_BINARY(PMADDWD)
XMM_BINARY(PSADBW)
XMM_BINARY(PAVGB)
XMM_BINARY(PAVGW)
XMM_BINARY(PMINUB)
XMM_BINARY(PMAXUB)
XMM_BINARY(PMINSW)
XMM_BINARY(PMAXSW)
XMM_BINARY(PCMPEQB)
XMM_BINARY(PCMPEQW)
XMM_BINARY(PCMPEQD)
XMM_BINARY(PCMPGTB)
XMM_BINARY(PCMPGTW)
XMM_BINARY(PCMPGTD)
XMM_BINARY(PAND)
XMM_BINARY(PANDN)
XMM_BINARY(POR)
XMM_BINARY(PXOR)

/* The count is the low 64 bits of the source, or an immediate byte. */
#define XMM_SHIFT(name)                                                                         \
    void op_##name##_xmm(struct cpu *cpu, const struct insn *i)                                 \
    {                                                                                           \
        sse_check(cpu);                                                                         \
                                                                                                \
        uint64_t count = i->b.kind == OPD_IMM ? i->imm & 0xff : xmm_load(cpu, i, &i->b).u64[0]; \
        union xmm *dst = &cpu->xmm[i->a.reg];                                                   \
                                                                                                \
        dst->u64[0] = lanes_##name(dst->u64[0], count);                                         \
        dst->u64[1] = lanes_##name(dst->u64[1], count);                                         \
    }

XMM_SHIFT(PSLLW)
XMM_SHIFT(PSLLD)
XMM_SHIFT(PSLLQ)
XMM_SHIFT(PSRLW)
XMM_SHIFT(PSRLD)
XMM_SHIFT(PSRLQ)
XMM_SHIFT(PSRAW)
XMM_SHIFT(PSRAD)

/* By bytes, over the whole register. */
void op_PSLLDQ(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm *dst = &cpu->xmm[i->a.reg];
    unsigned n = 8 * (i->imm & 0xff);
    uint64_t lo = dst->u64[0], hi = dst->u64[1];

    if (n >= 64) {
        hi = lanes_PSLLQ(lo, n - 64);
        lo = 0;
    } else if (n) {
        hi = hi << n | lo >> (64 - n);
        lo <<= n;
    }
    *dst = (union xmm){.u64 = {lo, hi}};
}

void op_PSRLDQ(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm *dst = &cpu->xmm[i->a.reg];
    unsigned n = 8 * (i->imm & 0xff);
    uint64_t lo = dst->u64[0], hi = dst->u64[1];

    if (n >= 64) {
        lo = lanes_PSRLQ(hi, n - 64);
        hi = 0;
    } else if (n) {
        lo = lo >> n | hi << (64 - n);
        hi >>= n;
    }
    *dst = (union xmm){.u64 = {lo, hi}};
}

#define XMM_PACK(name)                                                                       \
    void op_##name##_xmm(struct cpu *cpu, const struct insn *i)                              \
    {                                                                                        \
        sse_check(cpu);                                                                      \
                                                                                             \
        union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];                 \
                                                                                             \
        dst->u64[0] = lanes_##name(dst->u64[0]) | (uint64_t)lanes_##name(dst->u64[1]) << 32; \
        dst->u64[1] = lanes_##name(src.u64[0]) | (uint64_t)lanes_##name(src.u64[1]) << 32;   \
    }

XMM_PACK(PACKSSWB)
XMM_PACK(PACKSSDW)
XMM_PACK(PACKUSWB)

#define XMM_UNPACK(name, width, half)                                                    \
    void op_##name##_xmm(struct cpu *cpu, const struct insn *i)                          \
    {                                                                                    \
        sse_check(cpu);                                                                  \
                                                                                         \
        union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];             \
        uint64_t d = dst->u64[half], s = src.u64[half];                                  \
                                                                                         \
        dst->u64[0] = lanes_interleave((uint32_t)d, (uint32_t)s, width);                 \
        dst->u64[1] = lanes_interleave((uint32_t)(d >> 32), (uint32_t)(s >> 32), width); \
    }

XMM_UNPACK(PUNPCKLBW, 8, 0)
XMM_UNPACK(PUNPCKLWD, 16, 0)
XMM_UNPACK(PUNPCKLDQ, 32, 0)
XMM_UNPACK(PUNPCKHBW, 8, 1)
XMM_UNPACK(PUNPCKHWD, 16, 1)
XMM_UNPACK(PUNPCKHDQ, 32, 1)

void op_PUNPCKLQDQ(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    cpu->xmm[i->a.reg].u64[1] = xmm_load(cpu, i, &i->b).u64[0];
}

void op_PUNPCKHQDQ(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];

    *dst = (union xmm){.u64 = {dst->u64[1], src.u64[1]}};
}

void op_PSHUFD(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b), *dst = &cpu->xmm[i->a.reg];

    for (unsigned n = 0; n < 4; n++) {
        dst->u32[XMM_D(n)] = src.u32[XMM_D(i->imm >> 2 * n & 3)];
    }
}

void op_PSHUFLW(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b);

    cpu->xmm[i->a.reg] = (union xmm){.u64 = {lanes_shuffle_w(src.u64[0], i->imm), src.u64[1]}};
}

void op_PSHUFHW(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm src = xmm_load(cpu, i, &i->b);

    cpu->xmm[i->a.reg] = (union xmm){.u64 = {src.u64[0], lanes_shuffle_w(src.u64[1], i->imm)}};
}

void op_PINSRW_xmm(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint32_t src = opd_load(cpu, i, &i->b);

    cpu->xmm[i->a.reg].u16[XMM_W(i->imm & 7)] = (uint16_t)src;
}

void op_PEXTRW_xmm(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    cpu->reg[i->a.reg] = cpu->xmm[i->b.reg].u16[XMM_W(i->imm & 7)];
}

void op_PMOVMSKB_xmm(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    const union xmm *src = &cpu->xmm[i->b.reg];

    cpu->reg[i->a.reg] = lanes_byte_signs(src->u64[0]) | lanes_byte_signs(src->u64[1]) << 8;
}

/* ---- Moves ---- */

/* Vd, Ed and Ed, Vd */
void op_MOVD_xmm(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    if (i->a.kind == OPD_XMM) {
        cpu->xmm[i->a.reg] = (union xmm){.u64 = {opd_load(cpu, i, &i->b), 0}};
    } else {
        opd_store(cpu, i, &i->a, (uint32_t)cpu->xmm[i->b.reg].u64[0]);
    }
}

/* Vq, Wq and Wq, Vq: the register forms clear the upper half */
void op_MOVQ_xmm(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    uint64_t v = xmm_load64(cpu, i, &i->b);

    if (i->a.kind == OPD_XMM) {
        cpu->xmm[i->a.reg] = (union xmm){.u64 = {v, 0}};
    } else {
        mem_store64(cpu, i->seg, insn_ea(cpu, i), v);
    }
}

void op_MOVDQA(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    xmm_store_at(cpu, i, &i->a, xmm_load(cpu, i, &i->b), true);
}

void op_MOVDQU(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    xmm_store_at(cpu, i, &i->a, xmm_load_at(cpu, i, &i->b, false), false);
}

void op_MOVNTDQ(struct cpu *cpu, const struct insn *i)
{
    op_MOVDQA(cpu, i);
}

void op_MOVNTI(struct cpu *cpu, const struct insn *i)
{
    opd_store(cpu, i, &i->a, cpu->reg[i->b.reg]);
}

void op_MOVQ2DQ(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    mmx_check(cpu);
    mmx_enter(cpu);
    cpu->xmm[i->a.reg] = (union xmm){.u64 = {cpu->fpu.st[i->b.reg].mant, 0}};
}

void op_MOVDQ2Q(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);
    mmx_check(cpu);
    mmx_enter(cpu);
    mm_set(cpu, i->a.reg, cpu->xmm[i->b.reg].u64[0]);
}

/* As MASKMOVQ (op_mmx.c), twice. */
void op_MASKMOVDQU(struct cpu *cpu, const struct insn *i)
{
    sse_check(cpu);

    union xmm data = cpu->xmm[i->a.reg];
    const union xmm *m = &cpu->xmm[i->b.reg];
    uint32_t mask = lanes_byte_signs(m->u64[0]) | lanes_byte_signs(m->u64[1]) << 8;
    uint32_t edi = cpu->reg[EDI];

    mem_check_write(cpu, i->seg, edi & insn_addr_mask(i), 8);
    mem_check_write(cpu, i->seg, (edi + 8) & insn_addr_mask(i), 8);
    for (unsigned n = 0; n < 16; n++) {
        if (mask >> n & 1) {
            mem_store8(cpu, i->seg, (edi + n) & insn_addr_mask(i), data.u8[XMM_B(n)]);
        }
    }
}
