/* SPDX-License-Identifier: MIT */
/*
 * String instructions that are not repeated: twin of cpu/op_string.c. A repeated one goes to the
 * interpreter, which moves a page at a time.
 */
#include "tcg/gen.h"

static bool plain(const struct insn *i)
{
    return !(i->prefix & (PREFIX_REP | PREFIX_REPNE)) && i->addrsize == 4;
}

static void advance(struct translate *t, unsigned r, unsigned size)
{
    uint32_t by = t->block->mode & MODE_DF ? 0u - size : size;

    gen3(t, IR_LEA, 4, ir_reg(r), ir_reg(r), ir_none())->imm = by;
}

void gen_MOVS(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;

    if (!plain(i)) {
        gen_call(t, i);
        return;
    }

    struct ir_opd v = gen_copy(t, size, gen_map(t, i->seg, ir_reg(ESI), size, false));

    gen2(t, IR_MOV, size, gen_map(t, ES, ir_reg(EDI), size, true), v);
    advance(t, ESI, size);
    advance(t, EDI, size);
}

void gen_STOS(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;

    if (!plain(i)) {
        gen_call(t, i);
        return;
    }
    gen2(t, IR_MOV, size, gen_map(t, ES, ir_reg(EDI), size, true), ir_reg(EAX));
    advance(t, EDI, size);
}

void gen_LODS(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;

    if (!plain(i)) {
        gen_call(t, i);
        return;
    }
    gen2(t, IR_MOV, size, ir_reg(EAX), gen_map(t, i->seg, ir_reg(ESI), size, false));
    advance(t, ESI, size);
}

void gen_CMPS(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;

    if (!plain(i)) {
        gen_call(t, i);
        return;
    }

    struct ir_opd a = gen_copy(t, size, gen_map(t, i->seg, ir_reg(ESI), size, false));
    struct ir_opd b = gen_copy(t, size, gen_map(t, ES, ir_reg(EDI), size, false));

    gen3(t, IR_CMP, size, ir_none(), a, b);
    advance(t, ESI, size);
    advance(t, EDI, size);
}

void gen_SCAS(struct translate *t, const struct insn *i)
{
    unsigned size = i->a.size;

    if (!plain(i)) {
        gen_call(t, i);
        return;
    }

    struct ir_opd b = gen_copy(t, size, gen_map(t, ES, ir_reg(EDI), size, false));

    gen3(t, IR_CMP, size, ir_none(), ir_reg(EAX), b);
    advance(t, EDI, size);
}
