/* SPDX-License-Identifier: MIT */
/*
 * MMX, and the MMX instructions that SSE and SSE2 added. SDM volume 1, chapter 9.
 *
 * MMn is the significand of the physical x87 register n. Order in each handler: availability,
 * operand (which may fault), mmx_enter(), result.
 */
#include "cpu/simd.h"
#include "cpu/simd_lanes.h"

void mmx_not_ready(struct cpu *cpu)
{
    if (cpu->mmu.cr0 & CR0_EM) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    if (cpu->mmu.cr0 & CR0_TS) {
        cpu_raise_nc(cpu, EXC_NM);
    }
    fpu_pending(cpu);
}

#define MMX_BINARY(name)                                                      \
    void op_##name##_mmx(struct cpu *cpu, const struct insn *i)               \
    {                                                                         \
        mmx_check(cpu);                                                       \
                                                                              \
        uint64_t src = mm_load(cpu, i, &i->b);                                \
                                                                              \
        mmx_enter(cpu);                                                       \
        mm_set(cpu, i->a.reg, lanes_##name(cpu->fpu.st[i->a.reg].mant, src)); \
    }

MMX_BINARY(PADDB)
MMX_BINARY(PADDW)
MMX_BINARY(PADDD)
MMX_BINARY(PADDQ)
MMX_BINARY(PADDSB)
MMX_BINARY(PADDSW)
MMX_BINARY(PADDUSB)
MMX_BINARY(PADDUSW)
MMX_BINARY(PSUBB)
MMX_BINARY(PSUBW)
MMX_BINARY(PSUBD)
MMX_BINARY(PSUBQ)
MMX_BINARY(PSUBSB)
MMX_BINARY(PSUBSW)
MMX_BINARY(PSUBUSB)
MMX_BINARY(PSUBUSW)
MMX_BINARY(PMULLW)
MMX_BINARY(PMULHW)
MMX_BINARY(PMULHUW)
MMX_BINARY(PMULUDQ)
MMX_BINARY(PMADDWD)
MMX_BINARY(PSADBW)
MMX_BINARY(PAVGB)
MMX_BINARY(PAVGW)
MMX_BINARY(PMINUB)
MMX_BINARY(PMAXUB)
MMX_BINARY(PMINSW)
MMX_BINARY(PMAXSW)
MMX_BINARY(PCMPEQB)
MMX_BINARY(PCMPEQW)
MMX_BINARY(PCMPEQD)
MMX_BINARY(PCMPGTB)
MMX_BINARY(PCMPGTW)
MMX_BINARY(PCMPGTD)
MMX_BINARY(PAND)
MMX_BINARY(PANDN)
MMX_BINARY(POR)
MMX_BINARY(PXOR)

/* The count is the whole 64-bit source, or an immediate byte. */
#define MMX_SHIFT(name)                                                                 \
    void op_##name##_mmx(struct cpu *cpu, const struct insn *i)                         \
    {                                                                                   \
        mmx_check(cpu);                                                                 \
                                                                                        \
        uint64_t count = i->b.kind == OPD_IMM ? i->imm & 0xff : mm_load(cpu, i, &i->b); \
                                                                                        \
        mmx_enter(cpu);                                                                 \
        mm_set(cpu, i->a.reg, lanes_##name(cpu->fpu.st[i->a.reg].mant, count));         \
    }

MMX_SHIFT(PSLLW)
MMX_SHIFT(PSLLD)
MMX_SHIFT(PSLLQ)
MMX_SHIFT(PSRLW)
MMX_SHIFT(PSRLD)
MMX_SHIFT(PSRLQ)
MMX_SHIFT(PSRAW)
MMX_SHIFT(PSRAD)

#define MMX_PACK(name)                                                                        \
    void op_##name##_mmx(struct cpu *cpu, const struct insn *i)                               \
    {                                                                                         \
        mmx_check(cpu);                                                                       \
                                                                                              \
        uint64_t src = mm_load(cpu, i, &i->b);                                                \
                                                                                              \
        mmx_enter(cpu);                                                                       \
        mm_set(cpu, i->a.reg,                                                                 \
               lanes_##name(cpu->fpu.st[i->a.reg].mant) | (uint64_t)lanes_##name(src) << 32); \
    }

MMX_PACK(PACKSSWB)
MMX_PACK(PACKSSDW)
MMX_PACK(PACKUSWB)

#define MMX_UNPACK(name, width, shift)                                                       \
    void op_##name##_mmx(struct cpu *cpu, const struct insn *i)                              \
    {                                                                                        \
        mmx_check(cpu);                                                                      \
                                                                                             \
        uint64_t src = mm_load(cpu, i, &i->b), dst = cpu->fpu.st[i->a.reg].mant;             \
                                                                                             \
        mmx_enter(cpu);                                                                      \
        mm_set(cpu, i->a.reg,                                                                \
               lanes_interleave((uint32_t)(dst >> shift), (uint32_t)(src >> shift), width)); \
    }

MMX_UNPACK(PUNPCKLBW, 8, 0)
MMX_UNPACK(PUNPCKLWD, 16, 0)
MMX_UNPACK(PUNPCKLDQ, 32, 0)
MMX_UNPACK(PUNPCKHBW, 8, 32)
MMX_UNPACK(PUNPCKHWD, 16, 32)
MMX_UNPACK(PUNPCKHDQ, 32, 32)

void op_PSHUFW_mmx(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);

    uint64_t src = mm_load(cpu, i, &i->b);

    mmx_enter(cpu);
    mm_set(cpu, i->a.reg, lanes_shuffle_w(src, i->imm));
}

void op_PINSRW_mmx(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);

    uint64_t src = opd_load(cpu, i, &i->b) & 0xffff;
    unsigned shift = 16 * (i->imm & 3);

    mmx_enter(cpu);
    mm_set(cpu, i->a.reg,
           (cpu->fpu.st[i->a.reg].mant & ~((uint64_t)0xffff << shift)) | src << shift);
}

void op_PEXTRW_mmx(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);
    mmx_enter(cpu);
    cpu->reg[i->a.reg] = (uint32_t)(cpu->fpu.st[i->b.reg].mant >> 16 * (i->imm & 3) & 0xffff);
}

void op_PMOVMSKB_mmx(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);
    mmx_enter(cpu);
    cpu->reg[i->a.reg] = lanes_byte_signs(cpu->fpu.st[i->b.reg].mant);
}

/* Pq, Ed and Ed, Pq */
void op_MOVD_mmx(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);
    if (i->a.kind == OPD_MM) {
        uint32_t v = opd_load(cpu, i, &i->b);

        mmx_enter(cpu);
        mm_set(cpu, i->a.reg, v);
        return;
    }
    opd_store(cpu, i, &i->a, (uint32_t)cpu->fpu.st[i->b.reg].mant);
    mmx_enter(cpu);
}

static void store_q(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);
    mem_store64(cpu, i->seg, insn_ea(cpu, i), cpu->fpu.st[i->b.reg].mant);
    mmx_enter(cpu);
}

/* Pq, Qq and Qq, Pq */
void op_MOVQ_mmx(struct cpu *cpu, const struct insn *i)
{
    if (i->a.kind == OPD_MEM) {
        store_q(cpu, i);
        return;
    }
    mmx_check(cpu);

    uint64_t v = mm_load(cpu, i, &i->b);

    mmx_enter(cpu);
    mm_set(cpu, i->a.reg, v);
}

void op_MOVNTQ(struct cpu *cpu, const struct insn *i)
{
    store_q(cpu, i);
}

/*
 * Bytes whose mask bit is clear are not touched, but all eight are checked first, as AMD's CPUs do
 * even if none is selected; Intel's manual leaves that open.
 */
void op_MASKMOVQ(struct cpu *cpu, const struct insn *i)
{
    mmx_check(cpu);

    uint64_t data = cpu->fpu.st[i->a.reg].mant;
    uint32_t mask = lanes_byte_signs(cpu->fpu.st[i->b.reg].mant);
    uint32_t edi = cpu->reg[EDI];

    mem_check_write(cpu, i->seg, edi & insn_addr_mask(i), 8);
    for (unsigned n = 0; n < 8; n++) {
        if (mask >> n & 1) {
            mem_store8(cpu, i->seg, (edi + n) & insn_addr_mask(i), (uint8_t)(data >> 8 * n));
        }
    }
    mmx_enter(cpu);
}

void op_EMMS(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    mmx_check(cpu);
    cpu->fpu.top = 0;
    cpu->fpu.empty = 0xff;
}
