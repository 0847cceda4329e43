/* SPDX-License-Identifier: MIT */
/*
 * Shifts and rotates: twin of cpu/op_shift.c.
 */
#include "tcg/gen.h"

static bool by_constant(const struct insn *i, unsigned *n)
{
    *n = i->imm & 31;
    return i->b.kind == OPD_IMM;
}

/* A count of 0 changes nothing, but a page fault is due. */
static void touch(struct translate *t, const struct insn *i)
{
    if (i->a.kind == OPD_MEM) {
        gen_dest(t, i, &i->a);
    }
}

static void shift(struct translate *t, const struct insn *i, enum ir_op op, enum ir_op by_cl)
{
    unsigned size = i->a.size, n;

    if (!by_constant(i, &n)) {
        struct ir_opd a = gen_dest(t, i, &i->a);

        gen2(t, by_cl, size, a, a);
        return;
    }
    if (!n) {
        touch(t, i);
        return;
    }

    struct ir_opd a = gen_dest(t, i, &i->a), before = gen_copy(t, size, a);

    gen3(t, op, size, a, a, ir_imm(n))->c = before;
}

static void rotate(struct translate *t, const struct insn *i, enum ir_op op, enum ir_op by_cl)
{
    unsigned size = i->a.size, n;
    bool constant = by_constant(i, &n);

    if (constant && !n) {
        touch(t, i);
        return;
    }

    struct ir_opd a = gen_dest(t, i, &i->a);

    if (constant) {
        gen3(t, op, size, a, a, ir_imm(n));
    } else {
        gen2(t, by_cl, size, a, a);
    }
}

static void rotate_through_carry(struct translate *t, const struct insn *i, enum ir_op op)
{
    unsigned n;

    if (!by_constant(i, &n) || n != 1) {
        gen_call(t, i);
        return;
    }

    struct ir_opd a = gen_dest(t, i, &i->a);

    gen2(t, op, i->a.size, a, a);
}

void gen_ROL(struct translate *t, const struct insn *i)
{
    rotate(t, i, IR_ROL, IR_ROL_CL);
}

void gen_ROR(struct translate *t, const struct insn *i)
{
    rotate(t, i, IR_ROR, IR_ROR_CL);
}

void gen_RCL(struct translate *t, const struct insn *i)
{
    rotate_through_carry(t, i, IR_RCL1);
}

void gen_RCR(struct translate *t, const struct insn *i)
{
    rotate_through_carry(t, i, IR_RCR1);
}

void gen_SHL(struct translate *t, const struct insn *i)
{
    shift(t, i, IR_SHL, IR_SHL_CL);
}

void gen_SHR(struct translate *t, const struct insn *i)
{
    shift(t, i, IR_SHR, IR_SHR_CL);
}

void gen_SAR(struct translate *t, const struct insn *i)
{
    shift(t, i, IR_SAR, IR_SAR_CL);
}

/* Registers of 32 bits only: the 16-bit forms differ between processors. */
static void shift_double(struct translate *t, const struct insn *i, enum ir_op op, enum ir_op by_cl)
{
    struct ir_opd a = ir_reg(i->a.reg), b = ir_reg(i->b.reg);
    unsigned n = i->imm & 31;

    if (i->a.kind != OPD_REG || i->a.size != 4) {
        gen_call(t, i);
        return;
    }
    if (i->c.kind == OPD_REG) {
        gen3(t, by_cl, 4, a, a, b);
        return;
    }
    if (!n) {
        return;
    }

    struct ir_opd before = gen_copy(t, 4, a);

    if (b.reg == a.reg) {
        b = before;
    }

    struct ir_insn *x = gen3(t, op, 4, a, a, b);

    x->c = before;
    x->imm = n;
}

void gen_SHLD(struct translate *t, const struct insn *i)
{
    shift_double(t, i, IR_SHLD, IR_SHLD_CL);
}

void gen_SHRD(struct translate *t, const struct insn *i)
{
    shift_double(t, i, IR_SHRD, IR_SHRD_CL);
}
