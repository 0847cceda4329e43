/* SPDX-License-Identifier: MIT */
/*
 * What the MMX and SSE handlers share: availability checks, 8- and 16-byte operands, lanes.
 *
 * The two u64 of union xmm hold the register's value in the host's byte order; lane n of a narrower
 * view is u32[XMM_D(n)] and so on, so that big-endian hosts see the same lanes.
 */
#ifndef CPU_SIMD_H
#define CPU_SIMD_H

#include "cpu/x87.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define XMM_B(n) ((n) ^ 7)
#define XMM_W(n) ((n) ^ 3)
#define XMM_D(n) ((n) ^ 1)
#else
#define XMM_B(n) (n)
#define XMM_W(n) (n)
#define XMM_D(n) (n)
#endif

/* Availability: #UD, #NM or #MF. op_mmx.c and op_sse.c. */
_Noreturn void sse_unavailable(struct cpu *cpu);
void mmx_not_ready(struct cpu *cpu);

static ALWAYS_INLINE void sse_check(struct cpu *cpu)
{
    if (UNLIKELY((cpu->mmu.cr0 & (CR0_EM | CR0_TS)) || !(cpu->mmu.cr4 & CR4_OSFXSR))) {
        sse_unavailable(cpu);
    }
}

static ALWAYS_INLINE void mmx_check(struct cpu *cpu)
{
    if (UNLIKELY((cpu->mmu.cr0 & (CR0_EM | CR0_TS)) || (cpu->fpu.sw & SW_ES))) {
        mmx_not_ready(cpu);
    }
}

/* Once nothing can fault any more: every MMX instruction but EMMS makes all registers valid. */
static ALWAYS_INLINE void mmx_enter(struct cpu *cpu)
{
    cpu->fpu.top = 0;
    cpu->fpu.empty = 0;
}

/* The exponent of a written register reads as all ones. */
static ALWAYS_INLINE void mm_set(struct cpu *cpu, unsigned r, uint64_t v)
{
    cpu->fpu.st[r].mant = v;
    cpu->fpu.st[r].sexp = 0xffff;
}

/* #GP(0) unless the linear address is a multiple of 16; comes before the segment's checks. */
static ALWAYS_INLINE void mem_check_aligned(struct cpu *cpu, unsigned s, uint32_t off)
{
    if (UNLIKELY((cpu->seg[s].base + off) & 15)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
}

static ALWAYS_INLINE union xmm mem_load128(struct cpu *cpu, unsigned s, uint32_t off, bool aligned)
{
    if (aligned) {
        mem_check_aligned(cpu, s, off);
    }

    linear_addr_t a = segment_read(cpu, s, off, 16);
    const uint8_t *p = mmu_host_read(&cpu->mmu, a, 16);
    uint8_t buf[16];

    if (UNLIKELY(!p)) {
        mmu_load_bytes(&cpu->mmu, a, buf, 16);
        p = buf;
    }
    return (union xmm){.u64 = {load_le64(p), load_le64(p + 8)}};
}

static ALWAYS_INLINE void mem_store128(struct cpu *cpu, unsigned s, uint32_t off, union xmm v,
                                       bool aligned)
{
    if (aligned) {
        mem_check_aligned(cpu, s, off);
    }

    linear_addr_t a = segment_write(cpu, s, off, 16);
    uint8_t *host = mmu_host_write(&cpu->mmu, a, 16);
    uint8_t buf[16];
    uint8_t *p = host ? host : buf;

    store_le64(p, v.u64[0]);
    store_le64(p + 8, v.u64[1]);
    if (UNLIKELY(!host)) {
        mmu_store_bytes(&cpu->mmu, a, buf, 16);
    }
}

/* Q: MMX register or 8 (4) bytes of memory. */
static ALWAYS_INLINE uint64_t mm_load(struct cpu *cpu, const struct insn *i,
                                      const struct operand *o)
{
    if (o->kind == OPD_MM) {
        return cpu->fpu.st[o->reg].mant;
    }
    return o->size == 4 ? mem_load32(cpu, i->seg, insn_ea(cpu, i))
                        : mem_load64(cpu, i->seg, insn_ea(cpu, i));
}

/* W: XMM register or 16 bytes of memory. */
static ALWAYS_INLINE union xmm xmm_load_at(struct cpu *cpu, const struct insn *i,
                                           const struct operand *o, bool aligned)
{
    if (o->kind == OPD_XMM) {
        return cpu->xmm[o->reg];
    }
    return mem_load128(cpu, i->seg, insn_ea(cpu, i), aligned);
}

static ALWAYS_INLINE union xmm xmm_load(struct cpu *cpu, const struct insn *i,
                                        const struct operand *o)
{
    return xmm_load_at(cpu, i, o, true);
}

/* The low lane of W. */
static ALWAYS_INLINE uint32_t xmm_load32(struct cpu *cpu, const struct insn *i,
                                         const struct operand *o)
{
    return o->kind == OPD_XMM ? cpu->xmm[o->reg].u32[XMM_D(0)]
                              : mem_load32(cpu, i->seg, insn_ea(cpu, i));
}

static ALWAYS_INLINE uint64_t xmm_load64(struct cpu *cpu, const struct insn *i,
                                         const struct operand *o)
{
    return o->kind == OPD_XMM ? cpu->xmm[o->reg].u64[0] : mem_load64(cpu, i->seg, insn_ea(cpu, i));
}

static ALWAYS_INLINE void xmm_store_at(struct cpu *cpu, const struct insn *i,
                                       const struct operand *o, union xmm v, bool aligned)
{
    if (o->kind == OPD_XMM) {
        cpu->xmm[o->reg] = v;
    } else {
        mem_store128(cpu, i->seg, insn_ea(cpu, i), v, aligned);
    }
}

#endif
