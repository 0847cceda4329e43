/* SPDX-License-Identifier: MIT */
/*
 * Moves, exchanges, conditions: twin of cpu/op_mov.c.
 */
#include "tcg/gen.h"

void gen_MOV(struct translate *t, const struct insn *i)
{
    struct ir_opd b = gen_source(t, i, &i->b), a = gen_dest(t, i, &i->a);

    gen2(t, IR_MOV, i->a.size, a, b);
}

static void extend(struct translate *t, const struct insn *i, enum ir_op op)
{
    struct ir_opd b = gen_source(t, i, &i->b);

    gen2(t, op, i->b.size, ir_reg(i->a.reg), b)->aux = i->a.size;
}

void gen_MOVZX(struct translate *t, const struct insn *i)
{
    extend(t, i, IR_MOVZX);
}

void gen_MOVSX(struct translate *t, const struct insn *i)
{
    extend(t, i, IR_MOVSX);
}

void gen_XCHG(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;
    struct ir_opd a = gen_dest(t, i, &i->a), b = ir_reg(i->b.reg);

    if (a.kind == IRK_REG) {
        gen2(t, IR_XCHG, size, a, b);
        return;
    }

    struct ir_opd old = gen_copy(t, size, a);

    gen2(t, IR_MOV, size, a, b);
    gen2(t, IR_MOV, size, b, old);
}

void gen_LEA(struct translate *t, const struct insn *i)
{
    struct ir_opd ea = gen_ea(t, i);
    struct ir_insn *last = &t->ir->insn[t->ir->count - 1];

    if (last->op == IR_LEA && i->a.size == 4 && i->addrsize == 4) {
        last->d =
            ir_reg(i->a.reg); /* straight into the register; t->ir->temps has a gap, no matter */
        return;
    }
    gen2(t, IR_MOV, i->a.size, ir_reg(i->a.reg), ea);
}

void gen_XLAT(struct translate *t, const struct insn *i)
{
    gen_call(t, i);
}

void gen_SALC(struct translate *t, const struct insn *i)
{
    gen_call(t, i);
}

void gen_NOP(struct translate *t, const struct insn *i)
{
    (void)t;
    (void)i;
}

/* One processor, and stores in order. */
#define FENCE(name)                                            \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        gen_NOP(t, i);                                         \
    }
FENCE(LFENCE)
FENCE(MFENCE)
FENCE(SFENCE)
FENCE(PREFETCH)

static void cmov(struct translate *t, const struct insn *i)
{
    struct ir_opd b = gen_source(t, i, &i->b);

    gen2(t, IR_CMOV, i->a.size, ir_reg(i->a.reg), b)->cc = i->opcode & 15;
}

static void setcc(struct translate *t, const struct insn *i)
{
    gen2(t, IR_SETCC, 1, gen_dest(t, i, &i->a), ir_none())->cc = i->opcode & 15;
}

#define CONDITION(cond)                                            \
    void gen_CMOV##cond(struct translate *t, const struct insn *i) \
    {                                                              \
        cmov(t, i);                                                \
    }                                                              \
    void gen_SET##cond(struct translate *t, const struct insn *i)  \
    {                                                              \
        setcc(t, i);                                               \
    }
CONDITION(O)
CONDITION(NO)
CONDITION(B)
CONDITION(AE)
CONDITION(Z)
CONDITION(NZ)
CONDITION(BE)
CONDITION(A)
CONDITION(S)
CONDITION(NS)
CONDITION(P)
CONDITION(NP)
CONDITION(L)
CONDITION(GE)
CONDITION(LE)
CONDITION(G)

void gen_CLC(struct translate *t, const struct insn *i)
{
    (void)i;
    gen2(t, IR_SETCF, 4, ir_none(), ir_imm(0));
}

void gen_STC(struct translate *t, const struct insn *i)
{
    (void)i;
    gen2(t, IR_SETCF, 4, ir_none(), ir_imm(1));
}

static void direction(struct translate *t, const struct insn *i, bool down)
{
    if (!!(t->block->mode & MODE_DF) != down) {
        gen_call(t, i); /* the block is left: the rest of it was made for the other direction */
    }
}

void gen_CLD(struct translate *t, const struct insn *i)
{
    direction(t, i, false);
}

void gen_STD(struct translate *t, const struct insn *i)
{
    direction(t, i, true);
}
