/* SPDX-License-Identifier: MIT */
/*
 * Bit tests, scans, byte swap: twin of cpu/op_bit.c.
 */
#include "tcg/gen.h"

static void apply(struct translate *t, enum ir_op op, unsigned size, struct ir_opd a,
                  struct ir_opd index)
{
    gen3(t, op, size, op == IR_BT ? ir_none() : a, a, index);
}

/* A register index into memory reaches beyond the operand. */
static void bit(struct translate *t, const struct insn *i, enum ir_op op)
{
    unsigned size = i->a.size;
    bool constant = i->b.kind == OPD_IMM;
    struct ir_opd index = constant ? ir_imm(i->imm & (8 * size - 1)) : ir_reg(i->b.reg), ea, m, v;

    if (i->a.kind == OPD_REG) {
        apply(t, op, size, ir_reg(i->a.reg), index);
        return;
    }
    if (!constant && (size != 4 || i->addrsize != 4)) {
        gen_call(t, i);
        return;
    }
    ea = gen_ea(t, i);
    if (!constant) {
        struct ir_opd word = ir_new_temp(t->ir);

        gen3(t, IR_BITADDR, size, word, ea, index);
        ea = word;
    }
    m = gen_map(t, i->seg, ea, size, op != IR_BT);
    v = gen_copy(t, size, m);
    apply(t, op, size, v, index);
    if (op != IR_BT) {
        gen2(t, IR_MOV, size, m, v);
    }
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

static void scan(struct translate *t, const struct insn *i, enum ir_op op)
{
    struct ir_opd v = gen_source(t, i, &i->b);

    gen2(t, op, i->a.size, ir_reg(i->a.reg), gen_copy(t, i->a.size, v));
}

void gen_BSF(struct translate *t, const struct insn *i)
{
    scan(t, i, IR_BSF);
}

void gen_BSR(struct translate *t, const struct insn *i)
{
    scan(t, i, IR_BSR);
}

void gen_BSWAP(struct translate *t, const struct insn *i)
{
    if (i->opsize != 4) {
        gen_call(t, i);
        return;
    }
    gen2(t, IR_BSWAP, 4, ir_reg(i->a.reg), ir_none());
}
