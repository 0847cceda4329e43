/* SPDX-License-Identifier: MIT */
/*
 * The cache of translated blocks.
 *
 * A translation hangs on its decoded block (cpu/code.c), which is found, traced and dropped there.
 * A direct exit within one page is linked for good: where the one block is mapped, so is the other.
 * Across pages the link compares the page's entry in the shadow page table first, as the jump
 * table does: so both survive CR3 loads.
 *
 * When the buffer is full everything is dropped: what is hot comes back in milliseconds.
 */
#include "tcg/tb.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tcg/translate.h"

static uint32_t linear_of(const struct tcg *t, uint32_t eip)
{
    return t->cpu->seg[CS].base + eip;
}

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

void tb_link(struct tcg *t, struct tb_exit *x, struct tb *to)
{
    struct block *from = x->from->block, *b = to->block;

    if (!t->options.chain || x->to || !from || from->mode != b->mode || x->x.eip != b->eip) {
        return;
    }

    uint32_t here = linear_of(t, from->eip), there = linear_of(t, b->eip);
    bool same_page = !((here ^ there) & ~PAGE_MASK);

    if (!same_page && (!(b->mode & MODE_FLAT) || !mmu_exec_is_read(&t->cpu->mmu))) {
        return;
    }
    if (t->backend->link(t->buf, &x->x, to->entry, !same_page,
                         t->cpu->mmu.table[there >> PAGE_SHIFT])) {
        x->to = to;
        x->next_in = to->incoming;
        to->incoming = x;
        t->stats.linked++;
    }
}

static struct jump_target *jump_target(struct tcg *t, uint32_t eip)
{
    return &t->buf->jumps[eip & (JUMP_TARGETS - 1)];
}

void tb_publish(struct tcg *t, const struct tb *tb)
{
    const struct block *b = tb->block;

    if (t->options.chain) {
        *jump_target(t, b->eip) = (struct jump_target){.eip = b->eip,
                                                       .mode = b->mode,
                                                       .host = t->cpu->mmu.pm->ram + b->phys,
                                                       .code = tb->entry};
    }
}

void tb_drop(struct tcg *t, struct tb *tb)
{
    struct jump_target *j = jump_target(t, tb->block->eip);

    while (tb->incoming) {
        unlink_exit(t, tb->incoming);
    }
    for (unsigned k = 0; k < 2; k++) {
        if (tb->exit[k].to) {
            unlink_exit(t, &tb->exit[k]);
        }
    }
    if (j->code == tb->entry) {
        *j = (struct jump_target){.host = NULL};
    }
    t->backend->kill(t->buf, tb->entry, tb->dead_entry);
    tb->block->tb = NULL;
    tb->block = NULL;
    t->stats.dropped++;
}

void tb_flush(struct tcg *t)
{
    while (t->all) {
        struct tb *tb = t->all;

        t->all = tb->next;
        if (tb->block) {
            tb->block->tb = NULL;
        }
        free(tb);
    }
    memset(t->buf->jumps, 0, JUMP_TARGETS * sizeof(struct jump_target));
    t->buf->used = t->buf->shared_end;
    t->cpu->jit.slot = NULL;
    t->stats.flushes++;
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

static bool emit(struct tcg *t, struct tb *tb, struct backend_job *job)
{
    if (!t->backend->emit(t->buf, job)) {
        return false;
    }
    tb->entry = job->entry;
    tb->dead_entry = job->dead_entry;
    tb->size = job->size;
    for (unsigned k = 0; k < 2; k++) {
        tb->exit[k] = (struct tb_exit){.x = job->exit[k], .from = tb};
    }
    return true;
}

struct tb *tb_make(struct tcg *t, struct block *b, uint32_t mode)
{
    const void *insn[64];
    struct tb *tb = xcalloc(1, sizeof(*tb));
    void *exit_id[2] = {&tb->exit[0], &tb->exit[1]};
    struct backend_job job = {.ir = &t->ir,
                              .eip = b->eip,
                              .guest_count = b->count,
                              .mode = mode,
                              .cs_flat = mode & MODE_FLAT,
                              .read_is_exec = mmu_exec_is_read(&t->cpu->mmu),
                              .insn = insn,
                              .exit_id = exit_id};

    for (unsigned k = 0; k < b->count; k++) {
        insn[k] = &b->insn[k];
    }
    translate_block(&t->ir, b, t->options.optimise);
    job.max_eip = max_eip(b, &t->ir);
    if (!emit(t, tb, &job)) {
        if (!job.cannot) {
            tb_flush(t);
        }
        if (job.cannot || !emit(t, tb, &job)) {
            b->untranslatable = true;
            free(tb);
            return NULL;
        }
    }
    tb->block = b;
    tb->next = t->all;
    t->all = tb;
    b->tb = tb;
    t->stats.translated++;
    t->stats.code_bytes = t->buf->used;
    return tb;
}
