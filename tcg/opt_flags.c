/* SPDX-License-Identifier: MIT */
/*
 * Which flags are looked at, and by whom.
 *
 * Backwards: the flags wanted behind each operation. A bail and an exit want all of them, since an
 * exception or an interrupt would store them.
 *
 * Forwards: what makes the flags at each point is described by registers and constants as long as
 * those hold (struct ir_flags), and stored (FSAVE, FOVER) when one is about to be overwritten. A
 * bail stores it on its own cold way, and so does an exit to a known EIP: a block that such an exit
 * is often taken to is translated once more, with that description as its `entry` (tb.c). So flags
 * that are made again before anything looks cost nothing. A description by a temporary or by memory
 * is stored at once.
 *
 * A reader takes the host's own flags where they still hold; else a compare is made again (FREDO),
 * else they are computed from what is remembered (FLOAD).
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cpu/lazy.h"
#include "tcg/opt.h"

struct state {
    struct ir_block *in, out;
    struct ir_flags now; /* what waits to be stored */
    bool optimise;
    bool over_none;      /* it is known that nothing lies over the base */
    uint8_t host;        /* FL_*: the host's flags hold these */
    unsigned since;      /* in `out`: where the host's flags began to hold */
    unsigned insn_start; /* in `out`: the current guest instruction's first operation */
    unsigned current;    /* guest instruction number */
};

/* ---- backwards ---- */

static unsigned reads(const struct ir_insn *i)
{
    unsigned effects = ir_info[i->op].effects;

    return (effects & IRE_READS_FLAGS ? ir_cc_flags(i->cc) : 0) |
           (effects & IRE_READS_CF ? FL_C : 0);
}

static void find_live(struct ir_block *b, uint8_t *after, bool optimise)
{
    unsigned wanted = FL_ALL;

    for (unsigned k = b->count; k-- > 0;) {
        struct ir_insn *i = &b->insn[k];
        const struct ir_info *info = &ir_info[i->op];

        after[k] = (uint8_t)(optimise ? wanted : FL_ALL);
        i->live = after[k] & info->written;
        if (!(info->effects & IRE_MAY_KEEP)) {
            wanted &= ~(unsigned)info->written;
        }
        if (info->effects & (IRE_BAILS | IRE_EXITS)) {
            wanted = FL_ALL;
        }
        wanted |= reads(i);
    }
}

/* ---- keeping a condition ---- */

/*
 * A reader whose flags the host has lost by then - ADD, then ADC with memory, whose look-up
 * compares - gets its one condition from a byte that is set behind the producer. There is one such
 * byte, so the ways from producer to reader may not overlap.
 */
struct keeper {
    int producer[6]; /* of each flag: index, -1 none */
    int lost;        /* last operation that lost the host's flags */
    int from, to;    /* the last way */
};

static bool same_producer(const struct keeper *k, unsigned wanted, int *p)
{
    *p = -1;
    for (unsigned n = 0; n < 6; n++) {
        if (wanted >> n & 1) {
            if (k->producer[n] < 0 || (*p >= 0 && *p != k->producer[n])) {
                return false;
            }
            *p = k->producer[n];
        }
    }
    return *p >= 0;
}

static void keep_for(struct keeper *k, struct ir_block *b, int at, unsigned wanted)
{
    struct ir_insn *reader = &b->insn[at];
    unsigned cc = ir_info[reader->op].effects & IRE_READS_FLAGS ? reader->cc : 3 /* AE: LOADCF */;
    int p;

    if (!same_producer(k, wanted, &p) || k->lost <= p ||
        (wanted & ~(unsigned)ir_info[b->insn[p].op].defined)) {
        return;
    }

    struct ir_insn *producer = &b->insn[p];

    if (producer->keep ? producer->keep != cc + 1 || p != k->from : p < k->to) {
        return;
    }
    producer->keep = (uint8_t)(cc + 1);
    reader->kept = 1;
    k->from = p;
    k->to = at;
    for (int n = p; n-- > 0 && b->insn[n].op != IR_INSN;) {
        if (ir_info[b->insn[n].op].effects & IRE_BAILS) {
            b->insn[n].keep = producer->keep;
        }
    }
}

/* Its flags are the host's right behind it. */
static bool host_makes(const struct ir_insn *i)
{
    return i->live && i->op != IR_SETCF && !(ir_info[i->op].effects & IRE_MAY_KEEP);
}

static void plan_kept(struct ir_block *b, const uint8_t *after)
{
    struct keeper k = {.producer = {-1, -1, -1, -1, -1, -1}, .lost = -1, .from = -1, .to = -1};

    for (int at = 0; at < (int)b->count; at++) {
        const struct ir_insn *i = &b->insn[at];
        const struct ir_info *info = &ir_info[i->op];
        unsigned wanted = reads(i);

        if ((i->op == IR_INC || i->op == IR_DEC) && i->live && (after[at] & FL_C)) {
            wanted = FL_C;
        }
        if (wanted && i->op != IR_X87_CMOV) { /* whose condition is in its encoding */
            keep_for(&k, b, at, wanted);
        }
        for (unsigned n = 0; n < 6; n++) {
            if (info->written >> n & 1) {
                k.producer[n] = host_makes(i) ? at : -1;
            }
        }
        if (i->op == IR_CALL) {
            memset(k.producer, -1, sizeof(k.producer));
        }
        if (info->effects & IRE_LOST && !i->live) {
            k.lost = at;
        }
    }
}

/* ---- storing ---- */

static struct ir_insn *put(struct state *s, enum ir_op op, unsigned size)
{
    struct ir_insn *n = ir_add(&s->out, op, size);

    n->insn = (uint16_t)s->current;
    return n;
}

static void flush(struct state *s)
{
    struct ir_flags *f = &s->now;

    if (f->base) {
        struct ir_insn *n = put(s, IR_FSAVE, LAZY_SIZE(f->kind));

        n->imm = f->kind;
        n->a = f->a;
        n->b = f->b;
    }
    if (f->over) {
        struct ir_insn *n = put(s, IR_FOVER, LAZY_SIZE(f->over_kind));

        n->imm = f->over_kind;
        n->a = f->over_a;
    }
    f->base = f->over = false;
}

static bool uses(struct ir_opd x, unsigned x_size, unsigned reg, unsigned size)
{
    return x.kind == IRK_REG && ir_overlap(reg, size, x.reg, x_size);
}

/* Register reg is about to change: what is described by it must be stored before. */
static void clobber(struct state *s, unsigned reg, unsigned size)
{
    struct ir_flags *f = &s->now;
    unsigned n = LAZY_SIZE(f->kind), m = LAZY_SIZE(f->over_kind);

    if ((f->base && (uses(f->a, n, reg, size) || uses(f->b, n, reg, size))) ||
        (f->over && uses(f->over_a, m, reg, size))) {
        flush(s);
    }
}

static unsigned written_size(const struct ir_insn *i)
{
    return i->op == IR_MOVZX || i->op == IR_MOVSX ? i->aux : i->size;
}

static void clobber_results(struct state *s, const struct ir_insn *i)
{
    if (i->d.kind == IRK_REG) {
        clobber(s, i->d.reg, written_size(i));
    }
    if (i->op == IR_CALL || i->op == IR_CALL_NEXT || i->op == IR_CALL_END) {
        flush(s);
        return;
    }
    for (unsigned r = 0; r < 8; r++) {
        if (ir_writes_implicitly(i) >> r & 1) {
            clobber(s, r, 4);
        }
    }
}

/* ---- reading ---- */

/* Bails since the host's flags were made must put them back. */
static void want_restored(struct state *s)
{
    for (unsigned k = s->since; k < s->insn_start; k++) {
        if (ir_info[s->out.insn[k].op].effects & IRE_BAILS) {
            s->out.insn[k].restore = 1;
        }
    }
}

static void host_holds(struct state *s, unsigned flags)
{
    s->host = (uint8_t)flags;
    s->since = s->insn_start;
}

static void bring(struct state *s, unsigned wanted)
{
    struct ir_flags *f = &s->now;

    if (!(wanted & ~s->host)) {
        want_restored(s);
        return;
    }

    unsigned kind = f->kind >> 2;
    bool compare = kind == LAZY_CMP || kind == LAZY_TEST || kind == LAZY_LOGIC;

    if (f->base && !f->over && s->over_none && compare && !(wanted & FL_A)) {
        struct ir_insn *n = put(s, IR_FREDO, LAZY_SIZE(f->kind));

        n->imm = f->kind;
        n->a = f->a;
        n->b = f->b;
        host_holds(s, FL_ALL & ~FL_A);
        return;
    }
    flush(s);
    put(s, IR_FLOAD, 4);
    host_holds(s, FL_ALL);
}

/* The old CF becomes a byte of its own, for an operation that keeps it. */
static void keep_carry(struct state *s, bool kept)
{
    struct ir_flags *f = &s->now;

    if (f->over && f->over_kind == LAZY(OVER_CF, 1)) {
        return; /* it is one */
    }
    if (kept) {
        put(s, IR_LOADCF, 4);
        put(s, IR_SAVECF, 4);
        s->host = 0;
        return;
    }
    if (s->host & FL_C) {
        want_restored(s);
        put(s, IR_SAVECF, 4);
        return;
    }
    if (f->base && !f->over && (f->kind >> 2 == LAZY_CMP || f->kind >> 2 == LAZY_ADD)) {
        struct ir_insn *n = put(s, IR_FREDO, LAZY_SIZE(f->kind)); /* carry of a + b: a < b */

        n->imm = LAZY(LAZY_CMP, LAZY_SIZE(f->kind));
        n->a = f->a;
        n->b = f->b;
        put(s, IR_SAVECF, 4);
        s->host = 0;
        return;
    }
    flush(s);
    put(s, IR_FCARRY, 4);
    s->host = 0;
}

/* ---- writing ---- */

static bool in_register(struct ir_opd x)
{
    return x.kind == IRK_NONE || x.kind == IRK_REG || x.kind == IRK_IMM;
}

/* Whatever made the flags before does not matter any more, but for a CF that was kept. */
static void describe(struct state *s, enum lazy_kind kind, const struct ir_insn *i, struct ir_opd a,
                     struct ir_opd b, struct ir_opd c, bool cf_kept)
{
    struct ir_flags *f = &s->now;

    *f = (struct ir_flags){.base = true, .kind = (uint16_t)LAZY(kind, i->size), .a = a, .b = b};
    if (!in_register(a) || !in_register(b) || c.kind != IRK_NONE) {
        flush(s);
        s->out.insn[s->out.count - 1].c = c;
    }
    s->over_none = !cf_kept;
    if (cf_kept) {
        f->over = true;
        f->over_kind = LAZY(OVER_CF, 1);
        f->over_a = ir_none();
    }
    if (!f->base && f->over) {
        flush(s);
    }
}

/* What lies over the base from now on. */
static void describe_over(struct state *s, enum lazy_over kind, unsigned size, struct ir_opd a)
{
    struct ir_flags *f = &s->now;

    f->over = true;
    f->over_kind = (uint16_t)LAZY(kind, size);
    f->over_a = a;
    s->over_none = false;
    if (!in_register(a) || a.kind == IRK_NONE) {
        flush(s); /* its value is in memory already: after a bail that would be the wrong one */
    }
}

static enum lazy_kind kind_of(enum ir_op op)
{
    switch (op) {
    case IR_ADD:
    case IR_XADD: return LAZY_ADD;
    case IR_SUB: return LAZY_SUB;
    case IR_ADC: return LAZY_ADC;
    case IR_SBB: return LAZY_SBB;
    case IR_CMP:
    case IR_CMPXCHG: return LAZY_CMP;
    case IR_TEST: return LAZY_TEST;
    case IR_INC: return LAZY_INC;
    case IR_DEC: return LAZY_DEC;
    case IR_NEG: return LAZY_NEG;
    case IR_SHL: return LAZY_SHL;
    case IR_SHR: return LAZY_SHR;
    case IR_SAR: return LAZY_SAR;
    case IR_SHLD: return LAZY_SHLD;
    case IR_SHRD: return LAZY_SHRD;
    case IR_BSF: return LAZY_BSF;
    case IR_BSR: return LAZY_BSR;
    default: return LAZY_LOGIC;
    }
}

/* CF or OF alone change: the rest stays as it is described, or remembered. Called before. */
static void before_partial(struct state *s, const struct ir_insn *i, unsigned after)
{
    bool only_cf = ir_info[i->op].written == FL_C;

    if (i->op == IR_INC || i->op == IR_DEC) {
        if (after & FL_C) {
            keep_carry(s, i->kept);
        }
        return;
    }
    /* A CF alone may lie on the base or on another CF, not on a rotate's CF and OF. */
    if (only_cf && (after & FL_O) && !s->over_none) {
        flush(s);
        put(s, IR_FCARRY, 4);
        s->host = 0;
    }
}

static void after_write(struct state *s, const struct ir_insn *i, unsigned after)
{
    struct ir_opd none = ir_none();

    switch (i->op) {
    case IR_ADD:
    case IR_SUB: describe(s, kind_of(i->op), i, i->d, i->b, none, false); break;
    case IR_XADD: describe(s, LAZY_ADD, i, i->d, i->b, none, false); break;
    case IR_ADC:
    case IR_SBB: describe(s, kind_of(i->op), i, i->c, i->b, i->d, false); break;
    case IR_BSF:
    case IR_BSR:
    case IR_CMP:
    case IR_TEST: describe(s, kind_of(i->op), i, i->a, i->b, none, false); break;
    case IR_CMPXCHG: describe(s, LAZY_CMP, i, i->c, ir_reg(EAX), none, false); break;
    case IR_INC:
    case IR_DEC: describe(s, kind_of(i->op), i, i->d, none, none, after & FL_C); break;
    case IR_SHL:
    case IR_SHR:
    case IR_SAR: describe(s, kind_of(i->op), i, i->c, i->b, none, false); break;
    case IR_SHLD:
    case IR_SHRD: describe(s, kind_of(i->op), i, i->c, i->b, ir_imm(i->imm), false); break;
    case IR_NEG:
    case IR_AND:
    case IR_OR:
    case IR_XOR: describe(s, kind_of(i->op), i, i->d, none, none, false); break;
    case IR_ROL: describe_over(s, OVER_ROL, i->size, i->d); break;
    case IR_ROR: describe_over(s, OVER_ROR, i->size, i->d); break;
    case IR_RCL1:
    case IR_RCR1:
    case IR_IMUL:
    case IR_MUL_EAX:
    case IR_IMUL_EAX:
        put(s, IR_SAVECF, 4)->aux = 1;
        describe_over(s, OVER_CF_OF, 1, none);
        break;
    case IR_SETCF: describe_over(s, OVER_CF, 1, none); break;
    case IR_BT:
    case IR_BTS:
    case IR_BTR:
    case IR_BTC:
        put(s, IR_SAVECF, 4);
        describe_over(s, OVER_CF, 1, none);
        break;
    default: /* the back end stored them itself (shifts by CL, x87 and SSE compares) */
        s->now.base = s->now.over = false;
        s->over_none = false;
        break;
    }
}

/* ---- forwards ---- */

static bool stores_itself(enum ir_op op)
{
    switch (op) {
    case IR_SHL_CL:
    case IR_SHR_CL:
    case IR_SAR_CL:
    case IR_ROL_CL:
    case IR_ROR_CL:
    case IR_SHLD_CL:
    case IR_SHRD_CL:
    case IR_FQUOTIENT: return true;
    default: return false;
    }
}

static void host_after(struct state *s, const struct ir_insn *i)
{
    const struct ir_info *info = &ir_info[i->op];
    unsigned defined = info->defined;

    if (!(info->effects & IRE_LOST)) {
        if (i->op == IR_SETCF) {
            s->host &= ~FL_C;
        }
        return;
    }
    if (!i->live || (info->effects & (IRE_MAY_KEEP | IRE_BAILS))) {
        s->host = 0;
        return;
    }
    if (i->b.kind == IRK_IMM && i->b.imm == 1 && (info->written & ~info->defined & FL_O)) {
        defined |= FL_O; /* shifts by one */
    }
    switch (i->op) {
    case IR_INC:
    case IR_DEC:
    case IR_ROL:
    case IR_ROR:
    case IR_RCL1:
    case IR_RCR1: /* the host leaves the others alone too */
        if (s->host) {
            s->host = (uint8_t)((s->host & ~info->written) | defined);
            return;
        }
        break;
    default: break;
    }
    host_holds(s, defined);
}

/* Some of the flags from before an operation are looked at in it, or behind it. */
static bool outlive(const struct ir_info *info, unsigned after)
{
    return (info->effects & (IRE_BAILS | IRE_EXITS)) ||
           (after & ~(info->effects & IRE_MAY_KEEP ? 0u : info->written));
}

/* On its way, unless another block begins with what waits. */
static bool exit_stores(enum ir_op op)
{
    return op == IR_JCC || op == IR_JMP || op == IR_JMP_IND || op == IR_JNZ;
}

static void step(struct state *s, const struct ir_insn *in, unsigned after)
{
    struct ir_insn i = *in;
    const struct ir_info *info = &ir_info[i.op];
    unsigned wanted = reads(&i);

    s->current = i.insn;
    if (i.op == IR_INSN) {
        s->insn_start = s->out.count;
    }
    if (wanted && i.kept) {
        bool carry = info->effects & IRE_READS_CF;

        put(s, carry ? IR_LOADCF : IR_LOADCC, 4);
        s->host = carry ? FL_C : 0;
        s->since = s->insn_start;
        i.cc = 5; /* NZ */
    } else if (wanted) {
        bring(s, wanted);
    }
    if ((info->effects & IRE_EXITS) && !(s->optimise && exit_stores(i.op))) {
        flush(s); /* moves only: the host's flags still hold */
    }
    if (!outlive(info, after)) {
        s->now.base = s->now.over = s->over_none = false;
    }
    if (i.live) {
        if (stores_itself(i.op)) {
            flush(s);
        } else if (info->written != FL_ALL && after & ~info->written) {
            before_partial(s, &i, after);
        }
    }
    clobber_results(s, &i);
    if ((info->effects & (IRE_BAILS | IRE_EXITS)) && (s->now.base || s->now.over)) {
        i.flags = (int16_t)ir_add_flags(&s->out, &s->now);
    }

    struct ir_insn *n = put(s, i.op, i.size);

    *n = i;
    if (i.keep && i.live) {
        put(s, IR_SAVECC, 4)->cc = (uint8_t)(i.keep - 1);
    }
    host_after(s, &i);
    if (i.live) {
        after_write(s, &i, after);
    }
}

void opt_flags(struct ir_block *b, bool optimise)
{
    struct state s = {.in = b, .optimise = optimise};
    uint8_t few[1024], *after = b->count <= sizeof(few) ? few : xcalloc(b->count, 1);

    find_live(b, after, optimise);
    if (optimise) {
        plan_kept(b, after);
    }
    s.out.temps = b->temps;
    s.out.entry = s.now = b->entry;
    s.over_none = s.now.base && !s.now.over;
    for (unsigned k = 0; k < b->count; k++) {
        step(&s, &b->insn[k], after[k]);
    }
    if (after != few) {
        free(after);
    }
    ir_free(b);
    *b = s.out;
}
