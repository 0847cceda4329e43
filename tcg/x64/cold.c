/* SPDX-License-Identifier: MIT */
/*
 * The cold pieces of a block: bails, second tries, exits that are not linked.
 */
#include "tcg/layout.h"
#include "tcg/x64/cold.h"

/* Stores what the flags were made of when the hot path was left. */
static void store_flags(struct emit *e, const struct ir_flags *f)
{
    if (f->base) {
        unsigned size = LAZY_SIZE(f->kind);

        emit_store_lazy(e, CPU_OFF(lazy.a), f->a, size);
        emit_store_lazy(e, CPU_OFF(lazy.b), f->b, size);
        x64_store_imm(&e->a, 4, x64_at(REG_CPU, CPU_OFF(lazy.kind)), f->kind);
    }
    if (f->over) {
        emit_store_lazy(e, CPU_OFF(lazy.over_val), f->over_a, LAZY_SIZE(f->over_kind));
        x64_store_imm(&e->a, 2, x64_at(REG_CPU, CPU_OFF(lazy.over)), f->over_kind);
    }
}

void emit_store_flags(struct emit *e, int index)
{
    if (index >= 0) {
        store_flags(e, &e->job->ir->flags[index]);
    }
}

static void back(struct emit *e, const uint8_t *w)
{
    x64_jmp(&e->a, w + e->a.to_run);
}

/* Where guest instruction n begins, for who left the hot path: what was shared may have changed. */
static const uint8_t *start_of(const struct emit *e, const struct cold *c, unsigned n)
{
    bool second = c->second || (e->twice && n > e->job->ir->insn[e->second_at].imm);

    return second ? e->second_start[n] : e->insn_start[n];
}

static void cold_bail(struct emit *e, const struct cold *c)
{
    if (!c->x87_noted) {
        emit_x87_note(e, c->x87_eip, c->x87_fop);
    }
    emit_store_flags(e, c->i->flags);
    emit_call(e, GLUE_CALL, c->insn);
    if (c->insn + 1u >= e->job->guest_count) {
        return; /* the last of the block: the call does not come back */
    }
    if (c->i->restore || c->i->keep) {
        x64_call(&e->a, e->buf->glue[GLUE_FLAGS]);
    }
    if (c->i->keep) {
        emit_keep(e, c->i->keep - 1u);
    }
    back(e, start_of(e, c, c->insn + 1u));
}

/* Within one page an unaligned access is as good as another. */
static void cold_map(struct emit *e, const struct cold *c)
{
    struct x64_asm *a = &e->a;
    int32_t table = c->i->op == IR_MAPW ? (int32_t)(SHADOW_WRITE * 8) : 0;

    x64_mov_rr(a, 4, c->d, c->lin);
    x64_alu_ri(a, X64_AND, 4, c->d, PAGE_MASK);
    x64_alu_ri(a, X64_CMP, 4, c->d, PAGE_SIZE - c->i->size);

    uint8_t *crosses = x64_jcc_forward(a, X64_A);

    x64_mov_rr(a, 4, c->d, c->lin);
    x64_xr(a, 0xc1, 4, X64_SHR, c->d);
    x64_8(a, PAGE_SHIFT);
    x64_load(a, 8, c->d, (struct x64_mem){REG_SHADOW, c->d, 3, table});
    x64_rr(a, 0x85, 8, c->d, c->d);
    x64_jcc(a, X64_NZ, c->back + a->to_run);
    x64_land(a, crosses);
    cold_bail(e, c);
}

static void cold_enter(struct emit *e, const struct cold *c, enum x64_glue glue)
{
    if (!c->x87_noted) {
        emit_x87_note(e, c->x87_eip, c->x87_fop);
    }
    emit_store_flags(e, c->i->flags);
    emit_call(e, glue, c->insn);
    back(e, c->back);
}

static void emit_cold(struct emit *e, const struct cold *c)
{
    if (c->kind == COLD_SHARE) {
        for (unsigned k = 0; k < 2; k++) {
            x64_land_at(c->from[k], e->second_start[c->insn]);
        }
        return;
    }
    for (unsigned k = 0; k < 3 && c->from[k]; k++) {
        x64_land(&e->a, c->from[k]);
    }
    switch (c->kind) {
    case COLD_BAIL: cold_bail(e, c); break;
    case COLD_MAP: cold_map(e, c); break;
    case COLD_X87: cold_enter(e, c, GLUE_X87_ENTER); break;
    case COLD_SSE: cold_enter(e, c, GLUE_SSE_ENTER); break;
    case COLD_FLAGS:
        x64_call(&e->a, e->buf->glue[GLUE_FLAGS]);
        back(e, c->back);
        break;
    case COLD_CARRY:
        x64_call(&e->a, e->buf->glue[GLUE_CARRY]);
        back(e, c->back);
        break;
    case COLD_SHARE: break;
    case COLD_JUMP:
        x64_store(&e->a, 4, x64_at(REG_CPU, CPU_OFF(eip)), c->d);
        x64_alu_rr(&e->a, X64_XOR, 4, REG_SCRATCH, REG_SCRATCH);
        x64_jmp(&e->a, e->buf->glue[GLUE_EXIT]);
        break;
    }
}

/* Leaves at the EIP in host register `to`, or at `eip`; id: what the run loop may chain. */
static void leave(struct emit *e, unsigned to, uint32_t eip, const void *id)
{
    if (to == NOREG) {
        x64_store_imm(&e->a, 4, x64_at(REG_CPU, CPU_OFF(eip)), eip);
    } else {
        x64_store(&e->a, 4, x64_at(REG_CPU, CPU_OFF(eip)), to);
    }
    x64_mov_imm64(&e->a, REG_SCRATCH, (uintptr_t)id);
    x64_jmp(&e->a, e->buf->glue[GLUE_EXIT]);
}

/* With flags to store: then to the next block, unless that happened often. */
static void emit_cold_exit(struct emit *e, struct backend_exit *x, unsigned to, const void *id)
{
    struct x64_asm *a = &e->a;
    uint8_t *patch = e->buf->run + x->patch - a->to_run;

    x->cold = (uint16_t)(a->p - patch);
    x64_land(a, patch);
    if (x->predicted) {
        x64_land(a, patch - X64_PREDICTED_MISS);
    }
    x->stored = 0;
    if (x->flags >= 0) {
        emit_store_flags(e, x->flags);
        x64_mov_imm64(a, REG_SCRATCH, (uintptr_t)id);
        x64_alu_mi(a, X64_SUB, 4, x64_at(REG_SCRATCH, 0), 1);

        uint8_t *often = x64_jcc_forward(a, X64_S);

        x64_8(a, 0xe9);
        uint8_t *stored = a->p;

        x->stored = (uint16_t)(a->p - patch);
        x64_32(a, 0);
        x64_land(a, stored);
        x64_land(a, often);
    }
    x->leave = (uint16_t)(a->p - patch);
    leave(e, to, x->eip, id);
    x->thunk = 0;
    if (e->job->cs_flat && (x->predicted || ((x->eip ^ e->job->eip) & ~PAGE_MASK))) {
        x->thunk = (uint16_t)(a->p - patch);
        memset(a->p, 0xcc, X64_THUNK);
        a->p += X64_THUNK;
    }
}

void x64_emit_cold(struct emit *e, uint8_t *budget, uint8_t *limit)
{
    struct x64_asm *a = &e->a;
    struct backend_job *job = e->job;

    for (unsigned k = 0; k < e->colds && !e->full; k++) {
        emit_cold(e, &e->cold[k]);
        e->full |= a->p + 256 > a->end;
    }
    for (unsigned k = 0; k < job->exits; k++) {
        emit_cold_exit(e, &job->exit[k], e->exit_to[k], job->exit_id[k]);
    }
    if (limit) {
        x64_land(a, limit);
        x64_store_imm(a, 1, x64_at(REG_CPU, CPU_OFF(jit.interpret)), 1);
    }
    x64_land(a, budget);
    x64_alu_ri(a, X64_ADD, 4, REG_BUDGET, job->guest_count);
    job->dead_entry = x64_here(a);
    store_flags(e, &job->ir->entry);
    leave(e, NOREG, job->eip, NULL);
}
