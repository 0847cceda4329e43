/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic and logic: twin of cpu/op_arith.c and cpu/op_logic.c.
 *
 * c of an operation is a copy of its first operand from before, where the flags need it later
 * (opt_flags.c); if they are dead, opt_dce.c drops the copy.
 */
#include "tcg/gen.h"

/* d = d op b. A memory source is loaded first: the flags may need it after d was written. */
static void alu(struct translate *t, const struct insn *i, enum ir_op op, bool carry)
{
    unsigned size = i->a.size;
    struct ir_opd b = gen_value(t, i, &i->b), a = gen_dest(t, i, &i->a), c = ir_none();

    if (carry) {
        c = gen_copy(t, size, a);
    }
    if (b.kind == IRK_REG && a.kind == IRK_REG && b.reg == a.reg && op != IR_AND && op != IR_OR &&
        op != IR_XOR) {
        b = gen_copy(t, size, b);
    }
    gen3(t, op, size, a, a, b)->c = c;
}

#define ALU(name, carry)                                       \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        alu(t, i, IR_##name, carry);                           \
    }
ALU(ADD, false)
ALU(OR, false)
ALU(ADC, true)
ALU(SBB, true)
ALU(AND, false)
ALU(SUB, false)
ALU(XOR, false)

static void compare(struct translate *t, const struct insn *i, enum ir_op op)
{
    struct ir_opd b = gen_value(t, i, &i->b), a = gen_value(t, i, &i->a);

    gen3(t, op, i->a.size, ir_none(), a, b);
}

void gen_CMP(struct translate *t, const struct insn *i)
{
    compare(t, i, IR_CMP);
}

void gen_TEST(struct translate *t, const struct insn *i)
{
    compare(t, i, IR_TEST);
}

static void unary(struct translate *t, const struct insn *i, enum ir_op op)
{
    struct ir_opd a = gen_dest(t, i, &i->a);

    gen2(t, op, i->a.size, a, a);
}

void gen_INC(struct translate *t, const struct insn *i)
{
    unary(t, i, IR_INC);
}

void gen_DEC(struct translate *t, const struct insn *i)
{
    unary(t, i, IR_DEC);
}

void gen_NEG(struct translate *t, const struct insn *i)
{
    unary(t, i, IR_NEG);
}

void gen_NOT(struct translate *t, const struct insn *i)
{
    unary(t, i, IR_NOT);
}

void gen_MUL(struct translate *t, const struct insn *i)
{
    gen2(t, IR_MUL_EAX, i->a.size, ir_none(), gen_source(t, i, &i->a));
}

void gen_IMUL_1(struct translate *t, const struct insn *i)
{
    gen2(t, IR_IMUL_EAX, i->a.size, ir_none(), gen_source(t, i, &i->a));
}

void gen_IMUL_2(struct translate *t, const struct insn *i)
{
    gen2(t, IR_IMUL, i->a.size, ir_reg(i->a.reg), gen_source(t, i, &i->b));
}

void gen_IMUL_3(struct translate *t, const struct insn *i)
{
    gen3(t, IR_IMUL, i->a.size, ir_reg(i->a.reg), gen_source(t, i, &i->b), ir_imm(i->imm));
}

static void divide(struct translate *t, const struct insn *i, enum ir_op op)
{
    if (i->a.size != 4) {
        gen_call(t, i);
        return;
    }
    gen2(t, op, 4, ir_none(), gen_value(t, i, &i->a));
    gen2(t, IR_FQUOTIENT, 4, ir_none(), ir_none());
}

void gen_DIV(struct translate *t, const struct insn *i)
{
    divide(t, i, IR_DIV_EAX);
}

void gen_IDIV(struct translate *t, const struct insn *i)
{
    divide(t, i, IR_IDIV_EAX);
}

/* CBW, CWDE */
void gen_CBW(struct translate *t, const struct insn *i)
{
    gen2(t, IR_MOVSX, i->opsize / 2, ir_reg(EAX), ir_reg(EAX))->aux = i->opsize;
}

/* CWD, CDQ */
void gen_CWD(struct translate *t, const struct insn *i)
{
    gen2(t, IR_CDQ, i->opsize, ir_none(), ir_none());
}

void gen_CMPXCHG(struct translate *t, const struct insn *i)
{
    if (i->a.kind == OPD_REG && ir_overlap(i->a.reg, i->a.size, EAX, 4)) {
        gen_call(t, i); /* its result would be in the way of its flags */
        return;
    }

    struct ir_opd a = gen_dest(t, i, &i->a);
    struct ir_opd c = gen_copy(t, i->a.size, ir_reg(EAX));

    gen3(t, IR_CMPXCHG, i->a.size, a, a, ir_reg(i->b.reg))->c = c;
}

void gen_XADD(struct translate *t, const struct insn *i)
{
    struct ir_opd a = gen_dest(t, i, &i->a);

    if (a.kind == IRK_REG || (a.lin_kind == IRK_REG && ir_overlap(i->b.reg, i->b.size, a.lin, 4))) {
        gen_call(t, i); /* rare, and the address or the sum would be lost */
        return;
    }
    gen3(t, IR_XADD, i->a.size, a, a, ir_reg(i->b.reg));
}
