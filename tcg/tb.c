/* SPDX-License-Identifier: MIT */
/*
 * The cache of translated blocks.
 *
 * A translation hangs on its decoded block (cpu/code.c), which is found, traced and dropped there.
 * A direct exit within one page is linked for good: where the one block is mapped, so is the other.
 * Across pages the link compares the page's entry in the shadow page table first, as the jump
 * table does: so both survive CR3 loads.
 *
 * An exit that stores what its flags were made of, often, is led to a variant of the next block
 * instead: one that begins with those flags not stored, and mostly makes its own before anybody
 * looks.
 *
 * When a region of the buffer is full the oldest makes room: an eighth of all translations, in
 * about a millisecond. What is hot among them comes back at once, for its decoded block stays.
 */
#include "tcg/tb.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "tcg/look.h"
#include "tcg/translate.h"

_Static_assert(offsetof(struct tb_exit, patience) == 0, "translated code counts it down");

/* Bytes of code that must fit in beside it, or it is not worth trying. */
#define CODE_MIN 8192

/* NULL: the region is full. */
static struct tb *new_record(struct codebuf *buf, size_t size)
{
    if (buf->used + size + CODE_MIN > buf->end) {
        return NULL;
    }
    buf->end -= size;
    return memset(codebuf_w(buf, buf->run + buf->end), 0, size);
}

static struct tb *from_of(struct tb_exit *x)
{
    uintptr_t first = (uintptr_t)(x - x->x.number);

    return (struct tb *)(first - offsetof(struct tb, exit));
}

static uint32_t linear_of(const struct tcg *t, uint32_t eip)
{
    return t->cpu->seg[CS].base + eip;
}

#define VARIANTS 4

static void unlink_exit(struct tcg *t, struct tb_exit *x)
{
    struct tb_exit **p = &x->to->incoming;

    while (*p != x) {
        p = &(*p)->next_in;
    }
    *p = x->next_in;
    x->to = NULL;
    t->backend->unlink(t->buf, &x->x);
}

static void link_exit(struct tcg *t, struct tb_exit *x, struct tb *to)
{
    struct block *b = to->block;
    uint32_t here = linear_of(t, from_of(x)->block->eip), there = linear_of(t, b->eip);
    bool same_page = !((here ^ there) & ~PAGE_MASK);

    if (!same_page && !(b->mode & MODE_FLAT)) {
        return;
    }
    if (t->backend->link(t->buf, &x->x, x->x.stored && !to->is_variant, to->entry, !same_page,
                         t->cpu->mmu.table[there >> PAGE_SHIFT])) {
        x->to = to;
        x->next_in = to->incoming;
        to->incoming = x;
        x->patience = t->options.patience;
        t->stats.linked++;
    }
}

static struct tb *make(struct tcg *t, struct block *b, const struct ir_flags *entry);

/* The variant of its block that an exit with these flags can be led to; NULL: there is none. */
static struct tb *variant_of(struct tcg *t, struct tb *tb, const struct ir_flags *flags)
{
    struct tb **v = &tb->variant;
    unsigned n = 0;

    while (*v && !ir_same_flags(tb_flags(*v), flags)) {
        v = &(*v)->variant;
        n++;
    }
    if (!*v && n < VARIANTS) {
        *v = make(t, tb->block, flags);
    }
    return *v;
}

static const struct ir_flags *flags_of(struct tb_exit *x)
{
    return &tb_flags(from_of(x))[x->x.flags];
}

void tb_link(struct tcg *t, struct tb_exit *x, struct tb *to)
{
    struct block *from = from_of(x)->block, *b = to->block;

    if (!t->options.chain || log_enabled(LOG_NOCHAIN) || !from || from->mode != b->mode) {
        return;
    }
    if (x->x.unpredicted) {
        x->x.eip = t->left_at;
    }
    if (x->x.eip != b->eip) {
        return;
    }
    if (x->x.unpredicted) {
        x->x.unpredicted = false;
        t->backend->predict(t->buf, &x->x);
        t->stats.predicted++;
    }
    if (!x->to) {
        struct tb *variant =
            x->x.stored && !t->options.patience ? variant_of(t, to, flags_of(x)) : NULL;

        link_exit(t, x, variant ? variant : to);
    } else if (x->x.stored && x->to == to) {
        struct tb *variant = variant_of(t, to, flags_of(x));

        x->patience = INT32_MAX;
        if (variant) {
            unlink_exit(t, x);
            link_exit(t, x, variant);
        }
    }
}

static struct jump_target *jump_target(struct tcg *t, uint32_t eip)
{
    return &t->buf->jumps[jump_index(eip)];
}

void tb_publish(struct tcg *t, const struct tb *tb)
{
    const struct block *b = tb->block;

    if (t->options.chain && !log_enabled(LOG_NOCHAIN)) {
        const uint8_t *host = t->cpu->mmu.pm->ram + b->phys;

        *jump_target(t, b->eip) = (struct jump_target){.eip = b->eip,
                                                       .mode = b->mode,
                                                       .distance = (uintptr_t)host - b->eip,
                                                       .host = host,
                                                       .code = tb->entry};
    }
}

static void drop(struct tcg *t, struct tb *tb)
{
    while (tb->incoming) {
        unlink_exit(t, tb->incoming);
    }
    for (unsigned k = 0; k < tb->exits; k++) {
        if (tb->exit[k].to) {
            unlink_exit(t, &tb->exit[k]);
        }
    }
    t->backend->kill(t->buf, tb->entry, tb->entry + tb->dead_entry);
    tb->block = NULL;
    t->stats.dropped++;
}

void tb_drop(struct tcg *t, struct tb *tb)
{
    struct jump_target *j = jump_target(t, tb->block->eip);

    if (j->code == tb->entry) {
        *j = (struct jump_target){.host = NULL};
    }
    tb->block->tb = NULL;
    for (struct tb *v = tb->variant; v; v = v->variant) {
        drop(t, v);
    }
    drop(t, tb);
}

/* A variant leaves the list of its block's. */
static void forget_variant(struct tb *v)
{
    struct tb **p = &v->block->tb->variant;

    while (*p != v) {
        p = &(*p)->variant;
    }
    *p = v->variant;
}

static void evict(struct tcg *t, unsigned region)
{
    while (t->all[region]) {
        struct tb *tb = t->all[region];

        t->all[region] = tb->next;
        if (tb->block && tb->is_variant) {
            forget_variant(tb);
            drop(t, tb);
        } else if (tb->block) {
            tb_drop(t, tb);
        }
        t->stats.evicted++;
    }
    t->cpu->jit.slot = NULL;
}

static uint64_t host_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void make_room(struct tcg *t)
{
    unsigned region = (t->buf->region + 1) % t->buf->regions;
    uint64_t start = host_ns(), took;

    evict(t, region);
    codebuf_use(t->buf, region);
    took = host_ns() - start;
    t->stats.evictions++;
    t->stats.longest = took > t->stats.longest ? took : t->stats.longest;
}

void tb_drop_all(struct tcg *t)
{
    for (unsigned region = 0; region < t->buf->regions; region++) {
        evict(t, region);
    }
    codebuf_use(t->buf, 0);
}

static uint32_t max_eip(const struct block *b, const struct ir_block *ir)
{
    uint32_t max = b->eip + b->bytes - 1;

    if (b->mode & MODE_FLAT) {
        return 0xffffffff;
    }
    for (unsigned k = 0; k < ir->count; k++) {
        const struct ir_insn *i = &ir->insn[k];

        if (i->op == IR_JMP || i->op == IR_JCC || i->op == IR_JNZ || i->op == IR_CALL_NEXT) {
            max = i->imm > max ? i->imm : max;
            max = i->imm2 > max ? i->imm2 : max;
        }
    }
    return max;
}

/* The jump at the block's end, and how many exits to link come of it, in all copies. */
static const struct ir_insn *find_exits(const struct ir_block *ir, bool flat, unsigned *exits)
{
    const struct ir_insn *end = NULL;
    unsigned n = 0, copies = 1;

    for (unsigned k = 0; k < ir->count; k++) {
        const struct ir_insn *i = &ir->insn[k];

        switch (i->op) {
        case IR_SHARE: copies = 2; break;
        case IR_JCC:
        case IR_JNZ:
            n = 2;
            end = i;
            break;
        case IR_JMP:
        case IR_CALL_NEXT:
            n = 1;
            end = i;
            break;
        case IR_JMP_IND:
            n = flat;
            end = flat ? i : NULL;
            break;
        default: break;
        }
    }
    *exits = n * copies;
    return end;
}

static void check_text(struct tcg *t, const struct ir_block *ir, uint32_t eip)
{
    char *wrong = ir_verify(ir);

    if (!wrong) {
        wrong = ir_check_text(ir);
    }
    if (wrong) {
        fatal("-accel: check-ir: block at %08x: %s\n%s", eip, wrong, ir_print(ir));
    }
    t->stats.checked++;
}

/* What the passes are given, and what the back end is. */
static void check_ir(struct tcg *t, const struct block *b, const struct ir_flags *entry)
{
    struct ir_block first;

    ir_init(&first);
    translate_only(&first, b, entry);
    check_text(t, &first, b->eip);
    ir_free(&first);
    check_text(t, &t->ir, b->eip);
}

/* A translation with all but its links; NULL: there is no room, or job->cannot. */
static struct tb *translate(struct tcg *t, const struct block *b, const struct ir_flags *entry,
                            unsigned share, struct backend_job *job)
{
    void *exit_id[BACKEND_EXITS];
    const struct ir_insn *end;
    struct tb *tb;
    unsigned exits, flags;
    size_t size;

    translate_block(&t->ir, b, entry, t->options.optimise, share);
    if (t->options.check_ir) {
        check_ir(t, b, entry);
    }
    job->max_eip = max_eip(b, &t->ir);
    end = find_exits(&t->ir, job->cs_flat, &exits);
    flags = (entry != NULL) + (end && end->flags >= 0);
    size = sizeof(*tb) + exits * sizeof(tb->exit[0]) + flags * sizeof(struct ir_flags);
    tb = new_record(t->buf, size);
    if (!tb) {
        job->cannot = false;
        return NULL;
    }
    for (unsigned k = 0; k < exits; k++) {
        exit_id[k] = &tb->exit[k];
    }
    job->exit_id = exit_id;
    if (!t->backend->emit(t->buf, job)) {
        t->buf->end += size;
        return NULL;
    }
    tb->entry = job->entry;
    tb->dead_entry = (uint32_t)(job->dead_entry - job->entry);
    tb->size = job->size;
    tb->exits = (uint8_t)job->exits;
    if (entry) {
        tb->is_variant = true;
        tb_flags(tb)[0] = t->ir.entry;
    }
    for (unsigned k = 0; k < job->exits; k++) {
        tb->exit[k] = (struct tb_exit){.x = job->exit[k]};
        if (job->exit[k].flags >= 0) {
            tb_flags(tb)[flags - 1] = t->ir.flags[end->flags];
            tb->exit[k].x.flags = (int16_t)(flags - 1);
        }
    }
    return tb;
}

/* entry: NULL, or the flags that a variant begins with: then nothing is dropped for it. */
static struct tb *make(struct tcg *t, struct block *b, const struct ir_flags *entry)
{
    const void *insn[64];
    struct backend_job job = {.ir = &t->ir,
                              .eip = b->eip,
                              .guest_count = b->count,
                              .mode = b->mode,
                              .cs_flat = b->mode & MODE_FLAT,
                              .insn = insn};
    unsigned share = t->options.share;
    struct tb *tb;

    for (unsigned k = 0; k < b->count; k++) {
        insn[k] = &b->insn[k];
    }
    tb = translate(t, b, entry, share, &job);
    if (!tb && job.cannot && share) { /* too few registers beside what is shared */
        share = 0;
        tb = translate(t, b, entry, share, &job);
    }
    if (!tb) {
        b->untranslatable |= job.cannot && !entry;
        return NULL;
    }
    tb->block = b;
    tb->next = t->all[t->buf->region];
    t->all[t->buf->region] = tb;
    t->stats.translated++;
    perf_block(t->perf, &job, linear_of(t, b->eip), entry);
    if (log_enabled(LOG_OP) || log_enabled(LOG_OUT_ASM)) {
        look_translated(t, b, entry, share, &job);
    }
    return tb;
}

struct tb *tb_make(struct tcg *t, struct block *b)
{
    b->tb = make(t, b, NULL);
    if (!b->tb && !b->untranslatable) {
        make_room(t);
        b->tb = make(t, b, NULL);
        b->untranslatable = !b->tb;
    }
    return b->tb;
}
