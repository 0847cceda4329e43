/* SPDX-License-Identifier: MIT */
/*
 * Addition, subtraction, comparison, multiplication, division. SDM volume 2.
 */
#include "cpu/ops.h"

void op_ADD(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a), r = a + b;

    opd_store(cpu, i, &i->a, r);
    flags_add(cpu, a, b, r, i->a.size);
}

void op_ADC(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a),
             r = a + b + flags_cf(cpu);

    opd_store(cpu, i, &i->a, r);
    flags_add(cpu, a, b, r, i->a.size);
}

void op_SUB(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a), r = a - b;

    opd_store(cpu, i, &i->a, r);
    flags_sub(cpu, a, b, r, i->a.size);
}

void op_SBB(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), a = opd_load_rmw(cpu, i, &i->a),
             r = a - b - flags_cf(cpu);

    opd_store(cpu, i, &i->a, r);
    flags_sub(cpu, a, b, r, i->a.size);
}

void op_CMP(struct cpu *cpu, const struct insn *i)
{
    uint32_t a = opd_load(cpu, i, &i->a), b = opd_load(cpu, i, &i->b);

    flags_sub(cpu, a, b, a - b, i->a.size);
}

void op_INC(struct cpu *cpu, const struct insn *i)
{
    unsigned cf = flags_cf(cpu);
    uint32_t a = opd_load_rmw(cpu, i, &i->a), r = a + 1;

    opd_store(cpu, i, &i->a, r);
    flags_add(cpu, a, 1, r, i->a.size);
    flags_set_cf(cpu, cf);
}

void op_DEC(struct cpu *cpu, const struct insn *i)
{
    unsigned cf = flags_cf(cpu);
    uint32_t a = opd_load_rmw(cpu, i, &i->a), r = a - 1;

    opd_store(cpu, i, &i->a, r);
    flags_sub(cpu, a, 1, r, i->a.size);
    flags_set_cf(cpu, cf);
}

void op_NEG(struct cpu *cpu, const struct insn *i)
{
    uint32_t a = opd_load_rmw(cpu, i, &i->a), r = 0 - a;

    opd_store(cpu, i, &i->a, r);
    flags_sub(cpu, 0, a, r, i->a.size);
}

void op_XADD(struct cpu *cpu, const struct insn *i)
{
    uint32_t a = opd_load_rmw(cpu, i, &i->a), b = opd_load(cpu, i, &i->b), r = a + b;

    if (i->a.kind == OPD_MEM) {
        opd_store(cpu, i, &i->a, r);
        opd_store(cpu, i, &i->b, a);
    } else { /* the sum wins when both are one register */
        opd_store(cpu, i, &i->b, a);
        opd_store(cpu, i, &i->a, r);
    }
    flags_add(cpu, a, b, r, i->a.size);
}

void op_CMPXCHG(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t a = opd_load_rmw(cpu, i, &i->a), acc = reg_get(cpu, EAX, size);

    if (a == acc) {
        opd_store(cpu, i, &i->a, opd_load(cpu, i, &i->b));
    } else {
        opd_store(cpu, i, &i->a, a); /* the write cycle happens either way */
        reg_set(cpu, EAX, size, a);
    }
    flags_sub(cpu, acc, a, acc - a, size);
}

void op_CMPXCHG8B(struct cpu *cpu, const struct insn *i)
{
    uint32_t off = insn_ea(cpu, i);
    uint8_t buf[8];

    mem_check_write(cpu, i->seg, off, 8);
    mem_load_bytes(cpu, i->seg, off, buf, 8);

    uint32_t lo = load_le32(buf), hi = load_le32(buf + 4);
    bool equal = lo == cpu->reg[EAX] && hi == cpu->reg[EDX];

    if (equal) {
        store_le32(buf, cpu->reg[EBX]);
        store_le32(buf + 4, cpu->reg[ECX]);
    }
    mem_store_bytes(cpu, i->seg, off, buf, 8);
    if (!equal) {
        cpu->reg[EAX] = lo;
        cpu->reg[EDX] = hi;
    }
    flags_set(cpu, (flags_get(cpu) & ~EFLAGS_ZF) | (equal ? EFLAGS_ZF : 0));
}

/* Of a product, SF, ZF, AF and PF are undefined: left as they were, as on AMD's CPUs. */

/* The double-width product or dividend: AX, DX:AX or EDX:EAX. */
static uint64_t wide_get(struct cpu *cpu, unsigned size)
{
    if (size == 1) {
        return cpu->reg[EAX] & 0xffff;
    }
    return (uint64_t)reg_get(cpu, EDX, size) << (8 * size) | reg_get(cpu, EAX, size);
}

static void wide_set(struct cpu *cpu, unsigned size, uint32_t lo, uint32_t hi)
{
    if (size == 1) {
        reg16_set(cpu, EAX, (hi & 0xff) << 8 | (lo & 0xff));
    } else {
        reg_set(cpu, EAX, size, lo);
        reg_set(cpu, EDX, size, hi);
    }
}

static int64_t sign_extend(uint64_t v, unsigned size)
{
    return size == 1 ? (int8_t)v : size == 2 ? (int16_t)v : (int32_t)v;
}

void op_MUL(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint64_t r = (uint64_t)opd_load(cpu, i, &i->a) * reg_get(cpu, EAX, size);
    uint32_t hi = (uint32_t)(r >> (8 * size));

    wide_set(cpu, size, (uint32_t)r, hi);
    flags_set_cf_of(cpu, hi != 0, hi != 0);
}

void op_IMUL_1(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    int64_t r =
        sign_extend(opd_load(cpu, i, &i->a), size) * sign_extend(reg_get(cpu, EAX, size), size);
    unsigned over = r != sign_extend((uint64_t)r, size);

    wide_set(cpu, size, (uint32_t)r, (uint32_t)(r >> (8 * size)));
    flags_set_cf_of(cpu, over, over);
}

static void imul_into(struct cpu *cpu, const struct insn *i, uint32_t a, uint32_t b)
{
    unsigned size = i->a.size;
    int64_t r = sign_extend(a, size) * sign_extend(b, size);
    unsigned over = r != sign_extend((uint64_t)r, size);

    opd_store(cpu, i, &i->a, (uint32_t)r);
    flags_set_cf_of(cpu, over, over);
}

void op_IMUL_2(struct cpu *cpu, const struct insn *i)
{
    imul_into(cpu, i, opd_load(cpu, i, &i->a), opd_load(cpu, i, &i->b));
}

void op_IMUL_3(struct cpu *cpu, const struct insn *i)
{
    imul_into(cpu, i, opd_load(cpu, i, &i->b), i->imm);
}

void op_DIV(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    uint32_t d = opd_load(cpu, i, &i->a);
    uint64_t n = wide_get(cpu, size);

    if (d == 0 || n / d > size_mask(size)) {
        cpu_raise_nc(cpu, EXC_DE);
    }
    wide_set(cpu, size, (uint32_t)(n / d), (uint32_t)(n % d));
    flags_quotient(cpu);
}

void op_IDIV(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->a.size;
    int64_t d = sign_extend(opd_load(cpu, i, &i->a), size);
    uint64_t wide = wide_get(cpu, size);
    int64_t n = size == 4 ? (int64_t)wide : sign_extend(wide, size * 2);

    if (d == 0 || (d == -1 && n == INT64_MIN) || n / d != sign_extend((uint64_t)(n / d), size)) {
        cpu_raise_nc(cpu, EXC_DE);
    }
    wide_set(cpu, size, (uint32_t)(n / d), (uint32_t)(n % d));
    flags_quotient(cpu);
}

void op_CBW(struct cpu *cpu, const struct insn *i)
{
    if (i->opsize == 4) {
        cpu->reg[EAX] = (uint32_t)(int32_t)(int16_t)cpu->reg[EAX];
    } else {
        reg16_set(cpu, EAX, (uint32_t)(int32_t)(int8_t)cpu->reg[EAX]);
    }
}

void op_CWD(struct cpu *cpu, const struct insn *i)
{
    uint32_t sign = sign_bit(reg_get(cpu, EAX, i->opsize), i->opsize) ? ~0u : 0;

    reg_set(cpu, EDX, i->opsize, sign);
}

void op_BOUND(struct cpu *cpu, const struct insn *i)
{
    uint32_t off = insn_ea(cpu, i);
    unsigned size = i->opsize;
    int64_t lower = sign_extend(mem_load(cpu, i->seg, off, size), size);
    int64_t upper =
        sign_extend(mem_load(cpu, i->seg, (off + size) & insn_addr_mask(i), size), size);
    int64_t v = sign_extend(reg_get(cpu, i->a.reg, size), size);

    if (v < lower || v > upper) {
        cpu_raise_nc(cpu, EXC_BR);
    }
}
