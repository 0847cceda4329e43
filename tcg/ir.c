/* SPDX-License-Identifier: MIT */
/*
 * Building IR: the table of operations, growing lists, and what operands mean.
 */
#include "tcg/ir.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "cpu/cpu.h"

/* OSZAPC letters to a set of flags; `u` alone counts as written, not as defined. */
#define FLAG_IF(s, n, bit, c) ((s)[n] == (c) ? (bit) : 0u)
#define FLAGS_OF(s, c)                                                          \
    (FLAG_IF(s, 0, FL_O, c) | FLAG_IF(s, 1, FL_S, c) | FLAG_IF(s, 2, FL_Z, c) | \
     FLAG_IF(s, 3, FL_A, c) | FLAG_IF(s, 4, FL_P, c) | FLAG_IF(s, 5, FL_C, c))

#define NONE        IRE_NONE
#define BAILS       IRE_BAILS
#define READS_FLAGS IRE_READS_FLAGS
#define READS_CF    IRE_READS_CF
#define LOST        IRE_LOST
#define MAY_KEEP    IRE_MAY_KEEP
#define PURE        IRE_PURE
#define RMW         IRE_RMW
#define EXITS       IRE_EXITS

const struct ir_info ir_info[IR_OPS] = {
#define IR_OP(name, d, a, b, fl, effects, meaning)          \
    [IR_##name] = {#name,                                   \
                   {#d[0], #a[0], #b[0]},                   \
                   FLAGS_OF(#fl, 'w') | FLAGS_OF(#fl, 'u'), \
                   FLAGS_OF(#fl, 'w'),                      \
                   effects,                                 \
                   meaning},
#include "tcg/ir.def"
#undef IR_OP
};

void ir_init(struct ir_block *b)
{
    memset(b, 0, sizeof(*b));
}

void ir_free(struct ir_block *b)
{
    free(b->insn);
    free(b->flags);
    ir_init(b);
}

void ir_clear(struct ir_block *b)
{
    b->count = b->temps = b->flags_count = 0;
    b->entry = (struct ir_flags){.base = false};
}

struct ir_insn *ir_insert(struct ir_block *b, unsigned at, enum ir_op op, unsigned size)
{
    if (b->count == b->room) {
        b->room = b->room ? 2 * b->room : 256;
        b->insn = xrealloc(b->insn, b->room * sizeof(*b->insn));
    }
    memmove(b->insn + at + 1, b->insn + at, (b->count - at) * sizeof(*b->insn));
    b->count++;

    struct ir_insn *i = &b->insn[at];

    *i = (struct ir_insn){.op = (uint8_t)op, .size = (uint8_t)size, .flags = -1};
    if (at) {
        i->insn = b->insn[at - 1].insn;
    }
    return i;
}

struct ir_insn *ir_add(struct ir_block *b, enum ir_op op, unsigned size)
{
    return ir_insert(b, b->count, op, size);
}

struct ir_opd ir_new_temp(struct ir_block *b)
{
    assert(b->temps < IR_TEMPS);
    return ir_tmp(b->temps++);
}

int ir_add_flags(struct ir_block *b, const struct ir_flags *f)
{
    if (b->flags_count == b->flags_room) {
        b->flags_room = b->flags_room ? 2 * b->flags_room : 32;
        b->flags = xrealloc(b->flags, b->flags_room * sizeof(*b->flags));
    }
    b->flags[b->flags_count] = *f;
    return (int)b->flags_count++;
}

unsigned ir_writes_implicitly(const struct ir_insn *i)
{
    unsigned r = i->size == 1 ? 3 : 7;

    switch (i->op) {
    case IR_XCHG: return 1u << (i->a.reg & r);
    case IR_XADD: return 1u << (i->b.reg & r);
    case IR_CMPXCHG: return 1u << EAX;
    case IR_CDQ: return 1u << EDX;
    case IR_MUL_EAX:
    case IR_IMUL_EAX:
    case IR_DIV_EAX:
    case IR_IDIV_EAX: return 1u << EAX | 1u << EDX;
    case IR_CALL:
    case IR_CALL_NEXT:
    case IR_CALL_END: return 0xff;
    default: return 0;
    }
}

unsigned ir_writes(const struct ir_insn *i)
{
    unsigned size = i->op == IR_MOVZX || i->op == IR_MOVSX ? i->aux : i->size;
    unsigned d = i->d.kind == IRK_REG ? 1u << (i->d.reg & (size == 1 ? 3 : 7)) : 0;

    return d | ir_writes_implicitly(i);
}

bool ir_same_flags(const struct ir_flags *f, const struct ir_flags *g)
{
    return f->base == g->base && f->over == g->over &&
           (!f->base || (f->kind == g->kind && ir_same(f->a, g->a) && ir_same(f->b, g->b))) &&
           (!f->over || (f->over_kind == g->over_kind && ir_same(f->over_a, g->over_a)));
}

static bool same_insn(const struct ir_insn *i, const struct ir_insn *k)
{
    return i->op == k->op && i->size == k->size && i->cc == k->cc && i->aux == k->aux &&
           i->live == k->live && i->restore == k->restore && i->keep == k->keep &&
           i->kept == k->kept && i->shared == k->shared && i->insn == k->insn &&
           i->flags == k->flags && ir_same(i->d, k->d) && ir_same(i->a, k->a) &&
           ir_same(i->b, k->b) && ir_same(i->c, k->c) && i->imm == k->imm && i->imm2 == k->imm2;
}

bool ir_same_block(const struct ir_block *b, const struct ir_block *c)
{
    bool same = b->count == c->count && b->flags_count == c->flags_count && b->temps == c->temps &&
                ir_same_flags(&b->entry, &c->entry);

    for (unsigned k = 0; same && k < b->count; k++) {
        same = same_insn(&b->insn[k], &c->insn[k]);
    }
    for (unsigned k = 0; same && k < b->flags_count; k++) {
        same = ir_same_flags(&b->flags[k], &c->flags[k]);
    }
    return same;
}

unsigned ir_cc_flags(unsigned cc)
{
    static const uint8_t set[8] = {FL_O, FL_C, FL_Z,        FL_C | FL_Z,
                                   FL_S, FL_P, FL_S | FL_O, FL_Z | FL_S | FL_O};

    return set[cc >> 1 & 7];
}

/* al..bl are 0-3, ah..bh 4-7 when the size is 1. */
bool ir_overlap(unsigned written, unsigned written_size, unsigned read, unsigned read_size)
{
    if (written_size == 1 && read_size == 1) {
        return written == read;
    }
    return (written_size == 1 ? written & 3 : written) == (read_size == 1 ? read & 3 : read);
}
