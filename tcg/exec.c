/* SPDX-License-Identifier: MIT */
/*
 * The engine: runs blocks through their translations, and what translated code calls.
 *
 * The run loop (cpu/interp.c) stays in charge: it delivers interrupts and exceptions, steps where
 * every instruction must be looked at, and interprets what is cold. Translated code counts as the
 * interpreter does - a block pays for all of its instructions on entry - so the two stop at the
 * same instruction.
 */
#include "tcg/exec.h"

#include <stdlib.h>

#include "cpu/code.h"
#include "cpu/flags.h"
#include "cpu/system.h"
#include "cpu/x87.h"
#include "tcg/host_fpu.h"
#include "tcg/look.h"
#include "tcg/tb.h"
#include "tcg/translate.h"

#if defined(__x86_64__)
#define GENERAL_REGS __attribute__((target("general-regs-only")))
#else
#define GENERAL_REGS
#endif

static struct tcg *tcg_of(const struct cpu *cpu)
{
    return (struct tcg *)cpu->engine;
}

static struct block *block_of(const struct insn *i)
{
    uintptr_t first = (uintptr_t)(i - i->index_in_block);

    return (struct block *)(first - offsetof(struct block, insn));
}

/* ---- what translated code calls ---- */

/* Where translated code's last x87 instruction was. */
static void take_notes(struct cpu *cpu)
{
    struct fpu *f = &cpu->fpu;

    if (cpu->jit.fop) {
        f->fip = cpu->jit.fip;
        f->fcs = cpu->seg[CS].sel;
        f->fop = (uint16_t)(cpu->jit.fop & 0x7ff);
    }
    if (cpu->jit.fsegs) {
        f->fdp = cpu->jit.fdp;
        f->fds = cpu->seg[cpu->jit.fsegs & 7].sel;
    }
    cpu->jit.fop = cpu->jit.fsegs = 0;
}

static void begin_call(struct cpu *cpu, const struct insn *i)
{
    struct block *b = block_of(i);

    flags_settle(cpu);
    take_notes(cpu);
    cpu->block = b;
    cpu->block_eip = b->eip;
    cpu->cur = i;
}

/* The block is left before instruction i: what was not run is not paid for. */
static bool leave_before(struct cpu *cpu, const struct insn *i, uint32_t eip)
{
    cpu->eip = eip;
    cpu->budget += cpu->block->count - i->index_in_block;
    cpu->block = NULL;
    return false;
}

/* Its handler looks at, or changes, the x87 state. */
static bool uses_x87(const struct insn *i)
{
    uint32_t attr = insn_info[i->row].attr;

    return (attr & (A_FPU | A_MMX)) || ATTR_FEATURE(attr) == FEAT_FXSR + 1;
}

/* A transcendental instruction: done where the state is. */
static bool run_function(struct cpu *cpu, const struct insn *i)
{
    enum f80_function f;

    switch (i->opcode == 0xd9 ? i->modrm : 0) {
    case 0xf0: f = F80_2XM1; break;
    case 0xf1: f = F80_YL2X; break;
    case 0xf3: f = F80_ATAN2; break;
    case 0xfe: f = F80_SIN; break;
    case 0xff: f = F80_COS; break;
    default: return false;
    }
    if ((cpu->mmu.cr0 & (CR0_EM | CR0_TS)) || !host_fpu_function(cpu, f)) {
        return false;
    }
    fpu_note(cpu, i);
    return true;
}

/* Runs instruction i by its handler. false: the block must be left. */
static bool run_handler(struct cpu *cpu, const struct insn *i)
{
    const struct block *b = cpu->block;
    bool x87 = cpu->jit.x87_live && uses_x87(i);
    uint32_t next = b->eip + i->off + i->len;

    if (x87 && run_function(cpu, i)) {
        cpu->eip = next;
        return cpu->budget >= 0 && b->valid && !cpu->exit_request;
    }
    if (x87) {
        host_fpu_leave(cpu);
    }
    cpu->eip = next;
    i->op(cpu, i);
    return cpu->eip == next && cpu->budget >= 0 && b->valid && !cpu->exit_request &&
           code_mode(cpu) == b->mode && (!x87 || host_fpu_enter(cpu)) && host_sse_allowed(cpu);
}

static bool call(void *opaque, const void *insn)
{
    struct cpu *cpu = opaque;
    const struct insn *i = insn;

    tcg_of(cpu)->stats.calls++;
    begin_call(cpu, i);
    if (!run_handler(cpu, i) || i->index_in_block + 1u == cpu->block->count) {
        return leave_before(cpu, i + 1, cpu->eip);
    }
    cpu->block = NULL;
    return true;
}

/* The run loop would do nothing but go on. */
static bool nothing_due(struct cpu *cpu)
{
    if (cpu->budget == 0 || cpu->nmi_pending || (cpu->intr && (cpu->eflags & EFLAGS_IF)) ||
        cpu->debug_pending || cpu->halted || (cpu->eflags & (EFLAGS_TF | EFLAGS_RF)) ||
        (cpu->dr[7] & 0xff) || cpu->code->patched || cpu->code->flush_wanted) {
        return false;
    }
    cpu->int_shadow = 0; /* what it holds back is not there, and no event is due at its end */
    return true;
}

static bool call_next(void *opaque, const void *insn)
{
    struct cpu *cpu = opaque;
    const struct insn *i = insn;

    tcg_of(cpu)->stats.calls++;
    begin_call(cpu, i);
    if (!run_handler(cpu, i) || !nothing_due(cpu)) {
        return leave_before(cpu, i + 1, cpu->eip);
    }
    cpu->block = NULL;
    return true;
}

/* Where the jump table says that the block at CS:EIP is; NULL: it does not. */
static const void *next_code(struct cpu *cpu)
{
    struct codebuf *buf = tcg_of(cpu)->buf;
    const struct jump_target *j = &buf->jumps[jump_index(cpu->eip)];
    uint32_t linear = cpu->seg[CS].base + cpu->eip;
    uintptr_t distance = cpu->mmu.table[linear >> PAGE_SHIFT];

    return j->eip == cpu->eip && j->mode == code_mode(cpu) &&
                   distance + linear == (uintptr_t)j->host
               ? j->code
               : NULL;
}

/* Far transfers, interrupts' ways in and out, what changes the mode. */
static const void *call_end(void *opaque, const void *insn)
{
    struct cpu *cpu = opaque;
    const struct insn *i = insn;
    const void *code = NULL;

    tcg_of(cpu)->stats.calls++;
    begin_call(cpu, i);
    run_handler(cpu, i);
    if (cpu->budget >= 0 && !cpu->exit_request && !cpu->int_shadow && nothing_due(cpu)) {
        code = next_code(cpu);
    }
    leave_before(cpu, i + 1, cpu->eip);
    return code;
}

/* The state may not be used: the interpreter goes on from this instruction. */
static bool enter(struct cpu *cpu, const struct insn *i, bool allowed)
{
    begin_call(cpu, i);
    if (allowed) {
        cpu->block = NULL;
        return true;
    }
    cpu->jit.interpret = true;
    return leave_before(cpu, i, cpu->block_eip + i->off);
}

static bool x87_enter(void *opaque, const void *insn)
{
    return enter(opaque, insn, host_fpu_enter(opaque));
}

static bool sse_enter(void *opaque, const void *insn)
{
    struct cpu *cpu = opaque;
    bool on = !(cpu->mmu.cr0 & (CR0_EM | CR0_TS)) && (cpu->mmu.cr4 & CR4_OSFXSR);

    return enter(cpu, insn, on && host_sse_allowed(cpu));
}

static uint32_t load_segment(void *opaque, uint32_t what)
{
    struct cpu *cpu = opaque;
    unsigned s = what >> 16;

    if (cpu->jit.fsegs && (cpu->jit.fsegs & 7) == s) {
        take_notes(cpu); /* of an x87 instruction whose operand was there */
    }
    return segment_load_quick(cpu, s, (uint16_t)what);
}

static uint32_t put_flags(void *opaque, uint32_t image)
{
    struct cpu *cpu = opaque;
    uint32_t changed = (image ^ cpu->eflags) & (eflags_writable(cpu) | EFLAGS_IOPL | EFLAGS_IF);

    if (cpu->cpl || (changed & ~(EFLAGS_STATUS | EFLAGS_IF)) ||
        (changed & image & EFLAGS_IF && cpu->intr)) {
        return 0;
    }
    cpu->eflags ^= changed & EFLAGS_IF;
    flags_set(cpu, image);
    cpu->lazy.kind = cpu->lazy.over = 0;
    return 1;
}

GENERAL_REGS static uint32_t flags(void *opaque)
{
    struct cpu *cpu = opaque;

    flags_settle(cpu);
    return flags_get(cpu);
}

GENERAL_REGS static void carry(void *opaque)
{
    struct cpu *cpu = opaque;

    flags_settle(cpu);
    cpu->lazy.cf = (uint8_t)flags_cf(cpu);
    cpu->lazy.over = LAZY(OVER_CF, 1);
}

GENERAL_REGS static void quotient(void *opaque)
{
    struct cpu *cpu = opaque;

    flags_settle(cpu);
    flags_quotient(cpu);
}

/* ---- what the run loop calls ---- */

static bool run(struct cpu *cpu, struct block *b)
{
    struct tcg *t = tcg_of(cpu);
    struct tb_exit *slot = cpu->jit.slot;
    struct tb *tb = b->tb;

    cpu->jit.slot = NULL;
    if (!tb && b->runs >= t->options.threshold && !b->untranslatable) {
        tb = tb_make(t, b);
        if (!tb) {
            b->runs = 0;
        }
        slot = NULL; /* it may be gone */
    }
    if (!tb || cpu->jit.interpret) {
        b->runs++;
        cpu->jit.interpret = false;
        engine_settle(cpu);
        return false;
    }
    if (slot) {
        tb_link(t, slot, tb);
    }
    tb_publish(t, tb);
    t->stats.exits++;
    t->backend->enter(t->buf, cpu, tb->entry);
    t->left_at = cpu->eip;
    flags_settle(cpu);
    take_notes(cpu);
    return true;
}

static void drop(struct cpu *cpu, struct block *b)
{
    tb_drop(tcg_of(cpu), b->tb);
}

static void settle(struct cpu *cpu)
{
    host_fpu_leave(cpu);
    host_fpu_reset();
}

static void destroy(struct cpu *cpu)
{
    struct tcg *t = tcg_of(cpu);

    tb_drop_all(t);
    ir_free(&t->ir);
    codebuf_free(t->buf);
    perf_close(t->perf);
    free(t->perf);
    free(t);
    cpu->engine = NULL;
}

/* ---- life ---- */

static const struct backend *host_backend(void)
{
#if defined(__x86_64__)
    return backend_x64.supported() ? &backend_x64 : NULL;
#else
    return NULL;
#endif
}

bool tcg_supported(void)
{
    return host_backend() != NULL;
}

bool tcg_attach(struct cpu *cpu, const struct tcg_options *options)
{
    static const struct backend_calls calls = {
        .call = call,
        .call_next = call_next,
        .call_end = call_end,
        .x87_enter = x87_enter,
        .sse_enter = sse_enter,
        .load_segment = load_segment,
        .put_flags = put_flags,
        .flags = flags,
        .carry = carry,
        .quotient = quotient,
    };
    const struct backend *backend = host_backend();
    struct codebuf *buf =
        backend ? codebuf_new(options->code_size ? options->code_size : TCG_CODE_SIZE) : NULL;

    if (!buf) {
        return false;
    }

    struct tcg *t = xcalloc(1, sizeof(*t));

    *t = (struct tcg){.engine = {run, drop, settle, destroy},
                      .cpu = cpu,
                      .backend = backend,
                      .buf = buf,
                      .options = *options};
    ir_init(&t->ir);
    t->perf = xcalloc(1, sizeof(*t->perf));
    perf_open(t->perf, options->perfmap, options->jitdump);
    backend->init(buf, &calls);
    codebuf_use(buf, 0);
    host_fpu_init(cpu);
    code_drop_all(cpu);
    if (options->block_max) {
        cpu->code->block_max = options->block_max;
    }
    cpu->engine = &t->engine;
    return true;
}

void tcg_print_block(struct cpu *cpu, FILE *out)
{
    struct tcg *t = tcg_of(cpu);
    struct block *b = t ? code_find(cpu, code_mode(cpu)) : NULL;

    if (b) {
        look_guest(out, b, cpu->seg[CS].sel);
    }
    if (!b || !b->tb) {
        fprintf(out, "  (it is not translated)\n");
        return;
    }
    translate_block(&t->ir, b, NULL, t->options.optimise, t->options.share);

    char *ir = ir_print(&t->ir);

    fprintf(out, "IR:\n%sHost code:\n", ir);
    free(ir);
    look_code(out, b->tb->entry, b->tb->size);
}

bool tcg_get_stats(const struct cpu *cpu, struct tcg_stats *out)
{
    if (!cpu->engine) {
        return false;
    }
    const struct tcg *t = tcg_of(cpu);
    const struct codebuf *buf = t->buf;

    *out = t->stats;
    out->code_bytes = t->stats.evictions < buf->regions ? buf->used - buf->shared_end
                                                        : buf->size - (buf->end - buf->used);
    return true;
}
