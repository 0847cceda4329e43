/* SPDX-License-Identifier: MIT */
/*
 * Lazy status flags: the last result and a vector of carries; each flag is computed when asked for.
 *
 *   lf_res  the result, sign-extended from its size to 32 bits:  ZF = (lf_res == 0)
 *   lf_aux  bit 31       carry out of the top bit:               CF
 *           bit 30       carry into the top bit:                 OF = bit 31 ^ bit 30
 *           bit 3        carry out of bit 3:                     AF
 *           bits 8-15    byte that is XORed into the low byte of lf_res before its parity is taken
 *           bit 0        XORed with lf_res bit 31:               SF
 *
 * The last two exist so that POPF, SAHF and friends can set any combination: with ZF set, lf_res is
 * 0 and SF, PF come from lf_aux alone.
 */
#ifndef CPU_FLAGS_H
#define CPU_FLAGS_H

#include "base/bits.h"
#include "cpu/cpu.h"

static inline unsigned flags_cf(const struct cpu *c)
{
    return c->lf_aux >> 31;
}
static inline unsigned flags_zf(const struct cpu *c)
{
    return c->lf_res == 0;
}
static inline unsigned flags_sf(const struct cpu *c)
{
    return (c->lf_res >> 31) ^ (c->lf_aux & 1);
}
static inline unsigned flags_of(const struct cpu *c)
{
    return (c->lf_aux ^ c->lf_aux << 1) >> 31;
}
static inline unsigned flags_af(const struct cpu *c)
{
    return c->lf_aux >> 3 & 1;
}
static inline unsigned flags_pf(const struct cpu *c)
{
    return parity_even8((c->lf_res ^ c->lf_aux >> 8) & 0xff);
}

void flags_settle_lazy(struct cpu *c);

/* After translated code ran, before anything looks at a flag. */
static inline void flags_settle(struct cpu *c)
{
    if (c->lazy.kind | c->lazy.over) {
        flags_settle_lazy(c);
    }
}

/* The six status flags as EFLAGS bits. */
static inline uint32_t flags_get(const struct cpu *c)
{
    return flags_cf(c) | flags_pf(c) << 2 | flags_af(c) << 4 | flags_zf(c) << 6 | flags_sf(c) << 7 |
           flags_of(c) << 11;
}

static inline void flags_set(struct cpu *c, uint32_t f)
{
    uint32_t cf = f & 1, of = f >> 11 & 1, sf = f >> 7 & 1, pf = f >> 2 & 1;

    /* lf_res is 0 or 0x100: low byte 0 (parity even), sign 0. */
    c->lf_res = f & EFLAGS_ZF ? 0 : 0x100;
    c->lf_aux = cf << 31 | (cf ^ of) << 30 | (f >> 4 & 1) << 3 | (pf ? 0 : 1u << 8) | sf;
}

static inline void flags_set_cf(struct cpu *c, unsigned cf)
{
    unsigned of = flags_of(c);

    c->lf_aux = (c->lf_aux & 0x3fffffff) | cf << 31 | (cf ^ of) << 30;
}

/* Rotates and products change CF and OF only. */
static inline void flags_set_cf_of(struct cpu *c, unsigned cf, unsigned of)
{
    c->lf_aux = (c->lf_aux & 0x3fffffff) | cf << 31 | (cf ^ of) << 30;
}

/* size in bytes, a constant after inlining. Operands need not be truncated. */
static inline uint32_t flags_sext(uint32_t v, unsigned size)
{
    return size == 4 ? v : size == 2 ? (uint32_t)(int32_t)(int16_t)v : (uint32_t)(int32_t)(int8_t)v;
}

/* Moves the top two carries of an operation of that size to bits 31 and 30; keeps bit 3. */
static inline uint32_t flags_carries(uint32_t v, unsigned size)
{
    return size == 4 ? v & 0xc0000008u : ((v << (32 - 8 * size)) & 0xc0000000u) | (v & 8);
}

static inline void flags_logic(struct cpu *c, uint32_t res, unsigned size)
{
    c->lf_res = flags_sext(res, size);
    c->lf_aux = 0;
}

/* res = a + b (+ carry) */
static inline void flags_add(struct cpu *c, uint32_t a, uint32_t b, uint32_t res, unsigned size)
{
    c->lf_res = flags_sext(res, size);
    c->lf_aux = flags_carries((a & b) | ((a | b) & ~res), size);
}

/* res = a - b (- borrow) */
static inline void flags_sub(struct cpu *c, uint32_t a, uint32_t b, uint32_t res, unsigned size)
{
    c->lf_res = flags_sext(res, size);
    c->lf_aux = flags_carries((~a & b) | (~(a ^ b) & res), size);
}

/* Any result with CF, OF and AF given. */
static inline void flags_result(struct cpu *c, uint32_t res, unsigned size, unsigned cf,
                                unsigned of, unsigned af)
{
    c->lf_res = flags_sext(res, size);
    c->lf_aux = cf << 31 | (cf ^ of) << 30 | af << 3;
}

/*
 * Shifts by n (1-31): one definition for the interpreter and for lazy.c. What the manuals leave
 * undefined is as on AMD's CPUs: AF is set; OF after a count above 1 is what a last shift by 1
 * would have left.
 */
static inline void flags_shl(struct cpu *c, uint32_t a, unsigned n, unsigned size)
{
    uint64_t v = (uint64_t)a << n;
    unsigned cf = v >> (8 * size) & 1, sign = v >> (8 * size - 1) & 1;

    flags_result(c, (uint32_t)v, size, cf, cf ^ sign, 1);
}

static inline void flags_shr(struct cpu *c, uint32_t a, unsigned n, unsigned size)
{
    uint32_t r = a >> n;

    flags_result(c, r, size, a >> (n - 1) & 1, (r ^ r << 1) >> (8 * size - 1) & 1, 1);
}

static inline void flags_sar(struct cpu *c, uint32_t a, unsigned n, unsigned size)
{
    int32_t wide = (int32_t)flags_sext(a, size);

    flags_result(c, (uint32_t)(wide >> n), size, (uint32_t)(wide >> (n - 1)) & 1, 0, 1);
}

/* 32-bit operands: the 16-bit forms differ between processors (op_shift.c). */
static inline void flags_shld(struct cpu *c, uint32_t a, uint32_t b, unsigned n)
{
    uint32_t r = a << n | b >> (32 - n), cf = a >> (32 - n) & 1;

    flags_result(c, r, 4, cf, cf ^ r >> 31, 1);
}

static inline void flags_shrd(struct cpu *c, uint32_t a, uint32_t b, unsigned n)
{
    uint32_t r = a >> n | b << (32 - n);

    flags_result(c, r, 4, a >> (n - 1) & 1, (r ^ r << 1) >> 31, 1);
}

/* A division's flags are undefined: as on AMD's CPUs AF is set, SF, ZF, PF clear, the others kept.
 */
static inline void flags_quotient(struct cpu *c)
{
    c->lf_res = 1;
    c->lf_aux = (c->lf_aux & 0xc0000000u) | 8;
}

/*
 * BSF, BSR of v: the undefined flags are as on AMD's CPUs: PF is that of the index, or of 0; the
 * others are clear.
 */
static inline void flags_scan(struct cpu *c, uint32_t v, bool reverse)
{
    uint32_t index = !v        ? 0
                     : reverse ? 31u - (uint32_t)__builtin_clz(v)
                               : (uint32_t)__builtin_ctz(v);

    flags_set(c, v ? parity_even8(index) << 2 : EFLAGS_ZF | EFLAGS_PF);
}

/* Intel's condition codes 0-15. */
#define CONDITIONS(X) \
    X(O) X(NO) X(B) X(AE) X(Z) X(NZ) X(BE) X(A) X(S) X(NS) X(P) X(NP) X(L) X(GE) X(LE) X(G)

static inline unsigned flags_condition(const struct cpu *c, unsigned cc)
{
    unsigned r;

    switch (cc >> 1) {
    case 0: r = flags_of(c); break;
    case 1: r = flags_cf(c); break;
    case 2: r = flags_zf(c); break;
    case 3: r = flags_cf(c) | flags_zf(c); break;
    case 4: r = flags_sf(c); break;
    case 5: r = flags_pf(c); break;
    case 6: r = flags_sf(c) ^ flags_of(c); break;
    default: r = flags_zf(c) | (flags_sf(c) ^ flags_of(c)); break;
    }
    return r ^ (cc & 1);
}

#endif
