/* SPDX-License-Identifier: MIT */
/*
 * Bit tests, scans, and byte swap. Flags left undefined by the manual keep their value.
 */
#include "cpu/ops.h"

enum bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static uint32_t bit_apply(enum bit_op op, uint32_t v, uint32_t bit)
{
    switch (op) {
    case BIT_SET: return v | bit;
    case BIT_RESET: return v & ~bit;
    case BIT_COMPLEMENT: return v ^ bit;
    default: return v;
    }
}

static void bit_op(struct cpu *cpu, const struct insn *i, enum bit_op op)
{
    unsigned size = i->a.size, bits = 8 * size;
    uint32_t index = opd_load(cpu, i, &i->b), bit = 1u << (index & (bits - 1)), v;

    if (i->a.kind == OPD_MEM) {
        uint32_t off = insn_ea(cpu, i);

        if (i->b.kind == OPD_REG) { /* the index is signed and reaches beyond the operand */
            int32_t wide = (int32_t)flags_sext(index, size);

            off = (off + (uint32_t)((wide >> (size == 4 ? 5 : 4)) * (int32_t)size)) &
                  insn_addr_mask(i);
        }
        if (op != BIT_TEST) {
            mem_check_write(cpu, i->seg, off, size);
        }
        v = mem_load(cpu, i->seg, off, size);
        if (op != BIT_TEST) {
            mem_store(cpu, i->seg, off, size, bit_apply(op, v, bit));
        }
    } else {
        v = reg_get(cpu, i->a.reg, size);
        if (op != BIT_TEST) {
            reg_set(cpu, i->a.reg, size, bit_apply(op, v, bit));
        }
    }
    flags_set_cf(cpu, (v & bit) != 0);
}

void op_BT(struct cpu *cpu, const struct insn *i)
{
    bit_op(cpu, i, BIT_TEST);
}

void op_BTS(struct cpu *cpu, const struct insn *i)
{
    bit_op(cpu, i, BIT_SET);
}

void op_BTR(struct cpu *cpu, const struct insn *i)
{
    bit_op(cpu, i, BIT_RESET);
}

void op_BTC(struct cpu *cpu, const struct insn *i)
{
    bit_op(cpu, i, BIT_COMPLEMENT);
}

/* A source of 0 leaves the destination as it is, as processors do. */
void op_BSF(struct cpu *cpu, const struct insn *i)
{
    uint32_t v = opd_load(cpu, i, &i->b);

    if (v) {
        reg_set(cpu, i->a.reg, i->a.size, (uint32_t)__builtin_ctz(v));
    }
    flags_scan(cpu, v, false);
}

void op_BSR(struct cpu *cpu, const struct insn *i)
{
    uint32_t v = opd_load(cpu, i, &i->b);

    if (v) {
        reg_set(cpu, i->a.reg, i->a.size, 31 - (uint32_t)__builtin_clz(v));
    }
    flags_scan(cpu, v, true);
}

/* With a 16-bit operand size the result is undefined: processors clear the word. */
void op_BSWAP(struct cpu *cpu, const struct insn *i)
{
    if (i->opsize == 4) {
        cpu->reg[i->a.reg] = __builtin_bswap32(cpu->reg[i->a.reg]);
    } else {
        reg16_set(cpu, i->a.reg, 0);
    }
}
