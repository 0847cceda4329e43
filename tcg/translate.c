/* SPDX-License-Identifier: MIT */
/*
 * One basic block: a loop over its decoded instructions, the exit behind the last, the passes.
 */
#include "tcg/translate.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "cpu/ops.h"
#include "tcg/gen.h"
#include "tcg/opt.h"

/* Every block costs as much again: not in optimised builds. */
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define VERIFY
#endif

static const gen_fn gen_table[INSN_ROWS] = {
#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    [INSN_ROW_##opcode##_##ext##_##name##_##a##b##c] = gen_##name,
#include "cpu/insns.def"
#undef INSN
};

struct ir_insn *gen3(struct translate *t, enum ir_op op, unsigned size, struct ir_opd d,
                     struct ir_opd a, struct ir_opd b)
{
    struct ir_insn *n = ir_add(t->ir, op, size);

    n->d = d;
    n->a = a;
    n->b = b;
    return n;
}

void gen_call(struct translate *t, const struct insn *i)
{
    uint32_t attr = i->row == INSN_ROW_NONE ? A_END : insn_info[i->row].attr;
    bool ends = (attr & A_END) && i->index_in_block + 1 == t->block->count;

    ir_add(t->ir, ends ? IR_CALL_END : IR_CALL, 4);
    t->ended |= ends;
    t->x87 = t->sse =
        false; /* the handler may have used them, or changed whether they may be used */
}

void gen_call_next(struct translate *t, const struct insn *i)
{
    gen_call(t, i);
    if (t->ended) {
        struct ir_insn *n = &t->ir->insn[t->ir->count - 1];

        n->op = IR_CALL_NEXT;
        n->imm = gen_next_eip(t, i);
    }
}

/* ---- operands ---- */

struct ir_opd gen_copy(struct translate *t, unsigned size, struct ir_opd from)
{
    struct ir_opd d = ir_new_temp(t->ir);

    gen2(t, IR_MOV, size, d, from);
    return d;
}

struct ir_opd gen_ea(struct translate *t, const struct insn *i)
{
    bool base = i->base != REG_ZERO, index = i->index != REG_ZERO;

    if (!base && !index) {
        return gen_copy(t, 4, ir_imm(i->disp & insn_addr_mask(i)));
    }
    if (base && !index && !i->disp && i->addrsize == 4) {
        return ir_reg(i->base);
    }

    struct ir_opd d = ir_new_temp(t->ir);
    struct ir_insn *n = gen3(t, IR_LEA, i->addrsize, d, base ? ir_reg(i->base) : ir_none(),
                             index ? ir_reg(i->index) : ir_none());

    n->aux = i->scale;
    n->imm = i->disp;
    return d;
}

struct ir_opd gen_map(struct translate *t, unsigned seg, struct ir_opd ea, unsigned size,
                      bool write)
{
    struct ir_opd linear = ea, dist;

    if (!gen_flat(t, seg)) {
        linear = ir_new_temp(t->ir);

        struct ir_insn *n = gen2(t, IR_SEG, size, linear, ea);

        n->aux = (uint8_t)seg;
        n->imm = write;
    }
    dist = ir_new_temp(t->ir);
    gen2(t, write ? IR_MAPW : IR_MAPR, size, dist, linear);
    return ir_mem(dist, linear);
}

struct ir_opd gen_mem(struct translate *t, const struct insn *i, unsigned size, bool write)
{
    return gen_map(t, i->seg, gen_ea(t, i), size, write);
}

struct ir_opd gen_source(struct translate *t, const struct insn *i, const struct operand *o)
{
    switch (o->kind) {
    case OPD_REG: return ir_reg(o->reg);
    case OPD_MEM: return gen_mem(t, i, o->size, false);
    default: return ir_imm(i->imm);
    }
}

struct ir_opd gen_value(struct translate *t, const struct insn *i, const struct operand *o)
{
    struct ir_opd x = gen_source(t, i, o);

    return x.kind == IRK_MEM ? gen_copy(t, o->size, x) : x;
}

struct ir_opd gen_dest(struct translate *t, const struct insn *i, const struct operand *o)
{
    return o->kind == OPD_MEM ? gen_mem(t, i, o->size, true) : ir_reg(o->reg);
}

/* ---- the block ---- */

static void gen_insn(struct translate *t, const struct insn *i)
{
    struct ir_insn *n = ir_add(t->ir, IR_INSN, 4);

    n->imm = n->insn = i->index_in_block;
    t->ir->temps = 0; /* no temporary lives beyond its guest instruction */
    if (i->row == INSN_ROW_NONE || i->op == op_ESC) {
        gen_call(t, i);
        return;
    }
    gen_table[i->row](t, i);
}

static void verify(const struct ir_block *ir, const char *after)
{
#ifdef VERIFY
    char *wrong = ir_verify(ir);

    if (wrong) {
        char *text = ir_print(ir);

        fatal("IR after %s: %s\n%s", after, wrong, text);
    }
#else
    (void)ir;
    (void)after;
#endif
}

void translate_only(struct ir_block *ir, const struct block *b, const struct ir_flags *entry)
{
    struct translate t = {.block = b, .ir = ir};

    ir_clear(ir);
    if (entry) {
        ir->entry = *entry;
    }
    for (unsigned k = 0; k < b->count; k++) {
        gen_insn(&t, &b->insn[k]);
    }
    if (!t.ended) {
        ir_add(ir, IR_JMP, 4)->imm = b->eip + b->bytes;
    }
    verify(ir, "translate");
}

void translate_block(struct ir_block *ir, const struct block *b, const struct ir_flags *entry,
                     bool optimise, unsigned share)
{
    translate_only(ir, b, entry);
    if (share) {
        opt_share(ir, share);
        verify(ir, "share");
    }
    opt_flags(ir, optimise);
    verify(ir, "flags");
    if (optimise) {
        opt_dce(ir);
        verify(ir, "dce");
    }
}
