/* SPDX-License-Identifier: MIT */
/*
 * What the gen_*.c files share: one gen_NAME(t, i) for each mnemonic of insns.def, twin of
 * op_NAME. Each appends IR for the plain case; what is not plain bails (ir.h).
 */
#ifndef TCG_GEN_H
#define TCG_GEN_H

#include "cpu/decode.h"
#include "cpu/interp.h"
#include "tcg/ir.h"

struct translate {
    const struct block *block;
    struct ir_block *ir;
    bool ended;       /* an exit was generated */
    bool x87, sse;    /* their state is in the host's registers by now */
    uint32_t max_eip; /* highest EIP that the block's code and jumps reach: the CS limit's check */
};

typedef void (*gen_fn)(struct translate *t, const struct insn *i);

#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    void gen_##name(struct translate *t, const struct insn *i);
#include "cpu/insns.def"
#undef INSN

/* One operation; returns it for what else it needs. */
struct ir_insn *gen3(struct translate *t, enum ir_op op, unsigned size, struct ir_opd d,
                     struct ir_opd a, struct ir_opd b);
static inline struct ir_insn *gen2(struct translate *t, enum ir_op op, unsigned size,
                                   struct ir_opd d, struct ir_opd a)
{
    return gen3(t, op, size, d, a, ir_none());
}

/* The interpreter does it. */
void gen_call(struct translate *t, const struct insn *i);
/* The same, and then the next block if nothing else is due. */
void gen_call_next(struct translate *t, const struct insn *i);

/* Offset of the memory operand. */
struct ir_opd gen_ea(struct translate *t, const struct insn *i);
/* seg:ea as host memory of size bytes. */
struct ir_opd gen_map(struct translate *t, unsigned seg, struct ir_opd ea, unsigned size,
                      bool write);
struct ir_opd gen_mem(struct translate *t, const struct insn *i, unsigned size, bool write);
/* An operand to read: register, constant, or memory. */
struct ir_opd gen_source(struct translate *t, const struct insn *i, const struct operand *o);
/* The same, memory loaded into a temporary. */
struct ir_opd gen_value(struct translate *t, const struct insn *i, const struct operand *o);
/* An operand to read and write, or to write only. */
struct ir_opd gen_dest(struct translate *t, const struct insn *i, const struct operand *o);
struct ir_opd gen_copy(struct translate *t, unsigned size, struct ir_opd from);

static inline bool gen_flat(const struct translate *t, unsigned seg)
{
    static const uint8_t bit[6] = {[ES] = MODE_FLAT_ES, [SS] = MODE_FLAT_SS, [DS] = MODE_FLAT_DS};

    return t->block->mode & bit[seg];
}

static inline uint32_t gen_next_eip(const struct translate *t, const struct insn *i)
{
    return t->block->eip + i->off + i->len;
}

#endif
