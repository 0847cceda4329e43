/* SPDX-License-Identifier: MIT */
/*
 * Shifts and rotates. The count is taken modulo 32; a count of 0 changes no flag. OF is defined for
 * a count of 1 only: the formulas used are those of a count of 1 applied to the result, as
 * processors do.
 */
#include "cpu/ops.h"

/* Count modulo 32, after the destination was checked. */
static unsigned count_of(struct cpu *cpu, const struct insn *i)
{
    return opd_load(cpu, i, &i->b) & 31;
}

void op_ROL(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, bits = 8 * size, n = count_of(cpu, i), k = n % bits;
    uint32_t a = opd_load_rmw(cpu, i, &i->a);
    uint32_t r = k ? (a << k | a >> (bits - k)) & size_mask(size) : a;

    opd_store(cpu, i, &i->a, r);
    if (n) {
        flags_set_cf_of(cpu, r & 1, (r & 1) ^ sign_bit(r, size));
    }
}

void op_ROR(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, bits = 8 * size, n = count_of(cpu, i), k = n % bits;
    uint32_t a = opd_load_rmw(cpu, i, &i->a);
    uint32_t r = k ? (a >> k | a << (bits - k)) & size_mask(size) : a;

    opd_store(cpu, i, &i->a, r);
    if (n) {
        flags_set_cf_of(cpu, sign_bit(r, size), sign_bit(r, size) ^ (r >> (bits - 2) & 1));
    }
}

void op_RCL(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, bits = 8 * size, n = count_of(cpu, i) % (bits + 1);
    uint32_t a = opd_load_rmw(cpu, i, &i->a);
    uint64_t v = (uint64_t)flags_cf(cpu) << bits | a; /* bits + 1 bits wide */

    if (n) {
        v = v << n | v >> (bits + 1 - n);
    }
    uint32_t r = (uint32_t)v & size_mask(size);
    unsigned cf = v >> bits & 1;

    opd_store(cpu, i, &i->a, r);
    if (n || count_of(cpu, i)) {
        flags_set_cf_of(cpu, cf, cf ^ sign_bit(r, size));
    }
}

void op_RCR(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, bits = 8 * size, n = count_of(cpu, i) % (bits + 1);
    uint32_t a = opd_load_rmw(cpu, i, &i->a);
    uint64_t v = (uint64_t)flags_cf(cpu) << bits | a;

    if (n) {
        v = v >> n | v << (bits + 1 - n);
    }
    uint32_t r = (uint32_t)v & size_mask(size);

    opd_store(cpu, i, &i->a, r);
    if (n || count_of(cpu, i)) {
        flags_set_cf_of(cpu, v >> bits & 1, sign_bit(r, size) ^ (r >> (bits - 2) & 1));
    }
}

void op_SHL(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, n = count_of(cpu, i);
    uint32_t a = opd_load_rmw(cpu, i, &i->a);

    opd_store(cpu, i, &i->a, a << n);
    if (n) {
        flags_shl(cpu, a, n, size);
    }
}

void op_SHR(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, n = count_of(cpu, i);
    uint32_t a = opd_load_rmw(cpu, i, &i->a);

    opd_store(cpu, i, &i->a, a >> n);
    if (n) {
        flags_shr(cpu, a, n, size);
    }
}

void op_SAR(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size, n = count_of(cpu, i);
    uint32_t a = opd_load_rmw(cpu, i, &i->a);

    opd_store(cpu, i, &i->a, (uint32_t)((int32_t)flags_sext(a, size) >> n));
    if (n) {
        flags_sar(cpu, a, n, size);
    }
}

/*
 * 16-bit forms with counts above 16 are undefined: here the source's bits are shifted in twice, as
 * AMD's CPUs do, but not into the flags.
 */
void op_SHLD(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    unsigned n = (i->c.kind == OPD_REG ? cpu->reg[ECX] : i->imm) & 31;
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a);

    if (!n) {
        opd_store(cpu, i, &i->a, a);
        return;
    }

    if (size == 4) {
        opd_store(cpu, i, &i->a, a << n | b >> (32 - n));
        flags_shld(cpu, a, b, n);
        return;
    }

    uint64_t v = ((uint64_t)a << 32 | b << 16 | b) << n, alone = (uint64_t)a << n;
    uint32_t r = (uint32_t)(v >> 32) & 0xffff;

    opd_store(cpu, i, &i->a, r);
    flags_result(cpu, r, 2, alone >> 16 & 1, (alone ^ alone << 1) >> 16 & 1, 1);
}

void op_SHRD(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    unsigned n = (i->c.kind == OPD_REG ? cpu->reg[ECX] : i->imm) & 31;
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a);

    if (!n) {
        opd_store(cpu, i, &i->a, a);
        return;
    }

    if (size == 4) {
        opd_store(cpu, i, &i->a, a >> n | b << (32 - n));
        flags_shrd(cpu, a, b, n);
        return;
    }

    uint64_t v = (uint64_t)b << 32 | (uint64_t)b << 16 | a;
    uint32_t r = (uint32_t)(v >> n) & 0xffff;

    opd_store(cpu, i, &i->a, r);
    flags_result(cpu, r, 2, a >> (n - 1) & 1, (r ^ r << 1) >> 15 & 1, 1);
}
