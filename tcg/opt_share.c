/* SPDX-License-Identifier: MIT */
/*
 * One look-up for several accesses: those whose addresses are a register and small constants apart.
 *
 * Registers are followed as symbolic values: a number for what nobody knows, and an offset from it.
 * Accesses by the same number, with nothing between them that could change a mapping, are a group.
 * A SHARE before the first instruction of a group looks up the page that its lowest address is in,
 * for writing if one of them writes, and sees that all of it lies there. Where it cannot, and
 * behind every bail, the block goes on in a second copy of itself that does without (x64/emit.c):
 * so nothing that happens between the accesses can have changed what was looked up.
 */
#include <string.h>

#include "base/types.h"
#include "tcg/opt.h"

#define SPAN     512  /* bytes: more are rarely within one page */
#define FARTHEST 2048 /* displacements: then no sum of register and displacement wraps */
#define ACCESSES 128

struct value {
    unsigned number;
    int32_t offset;
};

struct access {
    unsigned at;    /* index of the MAPR or MAPW */
    unsigned start; /* of its guest instruction's INSN */
    unsigned lea;   /* of the LEA that computes its address; 0: a register is the address */
    unsigned base;  /* register */
    int32_t disp;
    int32_t start_disp; /* from the value that base has where the instruction starts */
    struct value v;     /* of the address */
    unsigned barrier;   /* how many barriers stand before it */
};

struct share {
    struct ir_block *b;
    struct value reg[8], at_start[8];
    unsigned numbers, start;
    unsigned barriers, barriers_at_start; /* so far; where the guest instruction begins */
    struct access access[ACCESSES];
    unsigned count;
};

/* ---- values ---- */

static void forget(struct share *s, unsigned r)
{
    s->reg[r] = (struct value){s->numbers++, 0};
}

static bool by_constant(const struct ir_insn *i, int32_t *by)
{
    bool plain = i->size == 4 && i->d.kind == IRK_REG && i->a.kind == IRK_REG;

    switch (i->op) {
    case IR_MOV: *by = 0; return plain;
    case IR_LEA: *by = (int32_t)i->imm; return plain && i->b.kind == IRK_NONE;
    case IR_ADD: *by = i->b.imm; return plain && i->b.kind == IRK_IMM;
    case IR_SUB: *by = (int32_t) - (uint32_t)i->b.imm; return plain && i->b.kind == IRK_IMM;
    case IR_INC: *by = 1; return plain;
    case IR_DEC: *by = -1; return plain;
    default: return false;
    }
}

/* What an operation leaves in the registers. */
static void follow(struct share *s, const struct ir_insn *i)
{
    unsigned written = ir_writes(i);
    int32_t by;

    if (by_constant(i, &by)) {
        s->reg[i->d.reg] = (struct value){
            s->reg[i->a.reg].number, (int32_t)((uint32_t)s->reg[i->a.reg].offset + (uint32_t)by)};
        return;
    }
    for (unsigned r = 0; r < 8; r++) {
        if (written >> r & 1) {
            forget(s, r);
        }
    }
}

/* ---- accesses ---- */

static bool is_barrier(enum ir_op op)
{
    return op == IR_CALL || op == IR_CALL_NEXT || op == IR_CALL_END || op == IR_X87_ENTER ||
           op == IR_SSE_ENTER;
}

static bool looks_up(const struct ir_insn *i)
{
    return i->op == IR_MAPR || i->op == IR_MAPW;
}

static bool uses_temp(struct ir_opd x, unsigned t)
{
    return ((x.kind == IRK_TMP || x.kind == IRK_MEM) && x.reg == t) ||
           (x.kind == IRK_MEM && x.lin_kind == IRK_TMP && x.lin == t);
}

/*
 * The base register keeps its value for as long as the memory that was looked up at `at` is used,
 * and so is the register that the address is in, if it is no temporary.
 */
static bool base_stays(const struct share *s, unsigned at, unsigned base)
{
    unsigned t = s->b->insn[at].d.reg, last = at;
    unsigned written = 0;

    for (unsigned k = at + 1; k < s->b->count && s->b->insn[k].op != IR_INSN; k++) {
        const struct ir_insn *i = &s->b->insn[k];

        if (uses_temp(i->d, t) || uses_temp(i->a, t) || uses_temp(i->b, t) || uses_temp(i->c, t)) {
            last = k;
        }
    }
    for (unsigned k = at + 1; k < last; k++) {
        written |= ir_writes(&s->b->insn[k]);
    }
    /* What describes the flags may look at memory once more, behind the operation that wrote it. */
    if (last > at && ir_info[s->b->insn[last].op].written) {
        written |= ir_writes(&s->b->insn[last]);
    }
    return !(written >> base & 1);
}

/* The LEA whose temporary the address is is used for nothing else. */
static bool only_address(const struct share *s, unsigned lea, unsigned at)
{
    unsigned t = s->b->insn[lea].d.reg, dist = s->b->insn[at].d.reg;

    for (unsigned k = lea + 1; k < s->b->count && s->b->insn[k].op != IR_INSN; k++) {
        const struct ir_insn *i = &s->b->insn[k];
        const struct ir_opd *x[4] = {&i->d, &i->a, &i->b, &i->c};

        for (unsigned n = 0; n < 4; n++) {
            if (k != at && uses_temp(*x[n], t) && !(x[n]->kind == IRK_MEM && x[n]->reg == dist)) {
                return false;
            }
        }
    }
    return true;
}

/* Finds what the address of the look-up is made of. false: of nothing simple. */
static bool find_base(const struct share *s, unsigned at, struct access *x)
{
    const struct ir_insn *i = &s->b->insn[at];

    *x = (struct access){.at = at, .start = s->start, .barrier = s->barriers};
    if (i->a.kind == IRK_REG) {
        x->base = i->a.reg;
    } else {
        unsigned k = at;

        while (--k > s->start &&
               !(s->b->insn[k].d.kind == IRK_TMP && s->b->insn[k].d.reg == i->a.reg)) {
        }

        const struct ir_insn *lea = &s->b->insn[k];

        if (lea->op != IR_LEA || lea->size != 4 || lea->a.kind != IRK_REG ||
            lea->b.kind != IRK_NONE || !only_address(s, k, at)) {
            return false;
        }
        for (unsigned n = k; n < at; n++) {
            if (ir_writes(&s->b->insn[n]) >> lea->a.reg & 1) {
                return false;
            }
        }
        x->lea = k;
        x->base = lea->a.reg;
        x->disp = (int32_t)lea->imm;
    }
    return x->disp >= -FARTHEST && x->disp <= FARTHEST && base_stays(s, at, x->base);
}

static void add_access(struct share *s, unsigned at)
{
    struct access x;

    if (s->count == ACCESSES || s->b->insn[at].aux || !find_base(s, at, &x)) {
        return;
    }
    x.v = s->reg[x.base];
    x.v.offset = (int32_t)((uint32_t)x.v.offset + (uint32_t)x.disp);
    if (s->at_start[x.base].number != x.v.number || s->barriers != s->barriers_at_start) {
        return; /* SHARE stands where the instruction begins */
    }
    x.start_disp = (int32_t)((uint32_t)x.v.offset - (uint32_t)s->at_start[x.base].offset);
    s->access[s->count++] = x;
}

static void find_accesses(struct share *s)
{
    for (unsigned r = 0; r < 8; r++) {
        forget(s, r);
    }
    for (unsigned k = 0; k < s->b->count; k++) {
        const struct ir_insn *i = &s->b->insn[k];

        if (i->op == IR_INSN) {
            s->start = k;
            s->barriers_at_start = s->barriers;
            memcpy(s->at_start, s->reg, sizeof(s->reg));
        }
        s->barriers += is_barrier(i->op);
        if (looks_up(i)) {
            add_access(s, k);
        }
        follow(s, i);
    }
}

/* ---- groups ---- */

struct group {
    unsigned first, last, count; /* accesses, by index */
    int32_t low, high;           /* offsets of its bytes; high: behind the last */
    bool write;
};

static bool joins(const struct group *g, const struct access *first, const struct access *x,
                  unsigned size)
{
    int32_t low = x->v.offset < g->low ? x->v.offset : g->low;
    int32_t high = x->v.offset + (int32_t)size > g->high ? x->v.offset + (int32_t)size : g->high;

    return x->v.number == first->v.number && x->barrier == first->barrier && high - low <= SPAN;
}

/* The group that begins with an access; `taken`: accesses that are in others, or between theirs. */
static struct group group_from(const struct share *s, unsigned first, const bool *taken)
{
    const struct access *f = &s->access[first];
    struct group g = {.first = first, .low = f->v.offset, .high = f->v.offset};

    for (unsigned k = first; k < s->count && !taken[k]; k++) {
        const struct access *x = &s->access[k];
        const struct ir_insn *i = &s->b->insn[x->at];

        if (joins(&g, f, x, i->size)) {
            g.low = x->v.offset < g.low ? x->v.offset : g.low;
            g.high = x->v.offset + i->size > g.high ? x->v.offset + i->size : g.high;
            g.write |= i->op == IR_MAPW;
            g.last = k;
            g.count++;
        }
    }
    return g;
}

static void mark(struct share *s, const struct group *g)
{
    const struct access *first = &s->access[g->first];

    for (unsigned k = g->first; k <= g->last; k++) {
        const struct access *x = &s->access[k];
        struct ir_insn *i = &s->b->insn[x->at];
        struct group same = *g;

        if (!joins(&same, first, x, i->size) || x->v.offset < g->low ||
            x->v.offset + i->size > g->high) {
            continue;
        }
        i->shared = 1;
        i->imm = (uint32_t)x->disp;
        i->b = ir_reg(x->base);
        if (x->lea) {
            s->b->insn[x->lea].shared = 1;
        }
    }
}

/* In place of its INSN comes INSN, SHARE: `shift` operations were inserted before. */
static void insert(struct share *s, const struct group *g, unsigned shift)
{
    const struct access *f = &s->access[g->first];
    unsigned insn = s->b->insn[f->start + shift].insn;
    struct ir_insn *i = ir_insert(s->b, f->start + shift + 1, IR_SHARE, 4);

    i->insn = (uint16_t)insn;
    i->a = ir_reg(f->base);
    i->b = ir_imm(s->b->insn[s->access[g->last].at + shift].insn);
    i->aux = g->write;
    i->imm = (uint32_t)(f->start_disp + (g->low - f->v.offset));
    i->imm2 = (uint32_t)(g->high - g->low);
}

static bool best_group(const struct share *s, const bool *taken, unsigned least, struct group *best)
{
    best->count = 0;
    for (unsigned k = 0; k < s->count; k++) {
        struct group g = group_from(s, k, taken);

        if (g.count > best->count) {
            *best = g;
        }
    }
    return best->count && best->count >= least;
}

void opt_share(struct ir_block *b, unsigned least)
{
    struct share s = {.b = b};
    struct group group[ACCESSES], g;
    bool taken[ACCESSES] = {false};
    unsigned groups = 0;

    find_accesses(&s);
    while (best_group(&s, taken, least, &g)) {
        /* Whole guest instructions: only one distance is held at a time. */
        for (unsigned k = 0; k < s.count; k++) {
            taken[k] |= s.access[k].start >= s.access[g.first].start &&
                        s.access[k].start <= s.access[g.last].start;
        }
        mark(&s, &g);
        group[groups++] = g;
    }
    for (unsigned shift = 0; shift < groups; shift++) { /* in their order */
        unsigned n = 0;

        for (unsigned k = 1; k < groups; k++) {
            n = group[k].first < group[n].first ? k : n;
        }
        insert(&s, &group[n], shift);
        group[n].first = ACCESSES;
    }
}
