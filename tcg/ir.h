/* SPDX-License-Identifier: MIT */
/*
 * One translated block as a list of operations (ir.def). docs/ir.md explains it.
 *
 * A guest instruction that cannot be done in the plain way - a miss in the shadow page table, a
 * device, a limit, a division that raises - *bails*: the interpreter runs it, exactly, and the
 * block goes on behind it. So an operation that BAILS must come before its guest instruction
 * changed anything; what follows it in the same instruction cannot fail.
 */
#ifndef TCG_IR_H
#define TCG_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ir_op {
#define IR_OP(name, d, a, b, flags, effects, meaning) IR_##name,
#include "tcg/ir.def"
#undef IR_OP
    IR_OPS
};

#define IRE_NONE        0u
#define IRE_BAILS       (1u << 0)
#define IRE_READS_FLAGS (1u << 1)
#define IRE_READS_CF    (1u << 2)
#define IRE_LOST        (1u << 3)
#define IRE_MAY_KEEP    (1u << 4)
#define IRE_PURE        (1u << 5)
#define IRE_RMW         (1u << 6)
#define IRE_EXITS       (1u << 7)

/* Sets of status flags. */
#define FL_C   1u
#define FL_P   2u
#define FL_A   4u
#define FL_Z   8u
#define FL_S   16u
#define FL_O   32u
#define FL_ALL 63u

struct ir_info {
    const char *name;
    char operand[3]; /* the letters of ir.def */
    uint8_t written; /* FL_*: flags it writes */
    uint8_t defined; /* those of them that the manual defines */
    uint8_t effects;
    const char *meaning;
};
extern const struct ir_info ir_info[IR_OPS];

enum ir_kind { IRK_NONE, IRK_REG, IRK_TMP, IRK_IMM, IRK_MEM };

/* Memory is [temporary reg + linear address (kind lin_kind, number lin)] + imm: the temporary
 * comes from MAPR or MAPW of that address. */
struct ir_opd {
    uint8_t kind, reg;
    uint8_t lin_kind, lin;
    int32_t imm;
};

struct ir_insn {
    uint8_t op, size; /* size in bytes: 1, 2, 4, and up to 16 for memory */
    uint8_t cc;       /* Intel's condition code */
    uint8_t aux;
    uint8_t live;    /* FL_*: written flags that somebody may look at (opt_flags) */
    uint8_t restore; /* bails: host flags are looked at behind it, so they must be right */
    uint8_t keep;    /* cc + 1: SAVECC keeps it behind this; on a bail of that instruction too */
    uint8_t kept;    /* reads flags: what it looks at was kept */
    uint8_t shared;  /* MAPR, MAPW, their LEA: SHARE looked up; the address is register b + imm */
    uint16_t insn;   /* guest instruction it belongs to (block's index) */
    int16_t flags;   /* bails, exits: index of struct ir_flags to be remembered first, or -1 */
    struct ir_opd d, a, b, c;
    uint32_t imm, imm2;
};

/* What makes the flags at some point, in registers only: stored when somebody looks. */
struct ir_flags {
    bool base, over;            /* which parts are waiting to be stored */
    uint16_t kind, over_kind;   /* LAZY() of cpu/lazy.h */
    struct ir_opd a, b, over_a; /* registers or constants */
};

#define IR_TEMPS 32 /* in one guest instruction */

struct ir_block {
    struct ir_insn *insn;
    unsigned count, room;
    unsigned temps;
    struct ir_flags entry; /* what waits to be stored where the block begins */
    struct ir_flags *flags;
    unsigned flags_count, flags_room;
};

static inline struct ir_opd ir_reg(unsigned r)
{
    return (struct ir_opd){.kind = IRK_REG, .reg = (uint8_t)r};
}

static inline struct ir_opd ir_tmp(unsigned t)
{
    return (struct ir_opd){.kind = IRK_TMP, .reg = (uint8_t)t};
}

static inline struct ir_opd ir_imm(uint32_t v)
{
    return (struct ir_opd){.kind = IRK_IMM, .imm = (int32_t)v};
}

static inline struct ir_opd ir_none(void)
{
    return (struct ir_opd){.kind = IRK_NONE};
}

/* dist: a temporary; lin: a register or temporary. */
static inline struct ir_opd ir_mem(struct ir_opd dist, struct ir_opd lin)
{
    return (struct ir_opd){
        .kind = IRK_MEM, .reg = dist.reg, .lin_kind = lin.kind, .lin = lin.reg, .imm = 0};
}

static inline bool ir_same(struct ir_opd x, struct ir_opd y)
{
    return x.kind == y.kind && x.reg == y.reg && x.lin_kind == y.lin_kind && x.lin == y.lin &&
           x.imm == y.imm;
}

void ir_init(struct ir_block *b);
void ir_free(struct ir_block *b);
void ir_clear(struct ir_block *b);
/* Appends; the pointer holds until the next one. Ends the program if memory is out. */
struct ir_insn *ir_add(struct ir_block *b, enum ir_op op, unsigned size);
/* Inserts before index `at`. */
struct ir_insn *ir_insert(struct ir_block *b, unsigned at, enum ir_op op, unsigned size);
struct ir_opd ir_new_temp(struct ir_block *b);
int ir_add_flags(struct ir_block *b, const struct ir_flags *f);
/* Registers (bit per number) that it writes, whole or in part. Not those that a handler writes. */
unsigned ir_writes(const struct ir_insn *i);
/* Those of them that are no operand d. */
unsigned ir_writes_implicitly(const struct ir_insn *i);
bool ir_same_flags(const struct ir_flags *f, const struct ir_flags *g);
/* Whether the back end would make the same of both: operations, descriptions of flags, entry. */
bool ir_same_block(const struct ir_block *b, const struct ir_block *c);

/* The flags a condition code looks at. */
unsigned ir_cc_flags(unsigned cc);
/* Whether writing register `written` of a size changes what `read` of a size holds. */
bool ir_overlap(unsigned written, unsigned written_size, unsigned read, unsigned read_size);

/* ir_text.c: one operation a line. ir_print() returns malloc'd text; ir_parse() NULL or a message
 * with the line number (caller frees). They are inverses of each other, and ir_check_text() says
 * where they are not for b: NULL, or a message (caller frees). */
char *ir_print(const struct ir_block *b);
char *ir_parse(struct ir_block *b, const char *text);
char *ir_check_text(const struct ir_block *b);
/* ir_verify.c: NULL, or what rule of ir.def the block breaks (caller frees). */
char *ir_verify(const struct ir_block *b);

#endif
