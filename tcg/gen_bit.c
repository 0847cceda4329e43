/* SPDX-License-Identifier: MIT */
/*
 * Bit tests, scans, byte swap: twin of cpu/op_bit.c.
 */
#include "tcg/gen.h"

/* A register index into memory reaches beyond the operand: the interpreter does those. */
static void bit(struct translate *t, const struct insn *i, enum ir_op op)
{
    unsigned size = i->a.size;
    struct ir_opd index = i->b.kind == OPD_IMM ? ir_imm(i->imm & (8 * size - 1)) : ir_reg(i->b.reg);

    if (i->a.kind == OPD_REG) {
        struct ir_opd a = ir_reg(i->a.reg);

        if (op == IR_BT) {
            gen3(t, op, size, ir_none(), a, index);
        } else {
            gen3(t, op, size, a, a, index);
        }
        return;
    }
    if (op == IR_BT && i->b.kind == OPD_IMM) {
        gen3(t, op, size, ir_none(), gen_value(t, i, &i->a), index);
        return;
    }
    gen_call(t, i);
}

void gen_BT(struct translate *t, const struct insn *i)
{
    bit(t, i, IR_BT);
}

void gen_BTS(struct translate *t, const struct insn *i)
{
    bit(t, i, IR_BTS);
}

void gen_BTR(struct translate *t, const struct insn *i)
{
    bit(t, i, IR_BTR);
}

void gen_BTC(struct translate *t, const struct insn *i)
{
    bit(t, i, IR_BTC);
}

void gen_BSF(struct translate *t, const struct insn *i)
{
    gen_call(t, i);
}

void gen_BSR(struct translate *t, const struct insn *i)
{
    gen_call(t, i);
}

void gen_BSWAP(struct translate *t, const struct insn *i)
{
    if (i->opsize != 4) {
        gen_call(t, i);
        return;
    }
    gen2(t, IR_BSWAP, 4, ir_reg(i->a.reg), ir_none());
}
