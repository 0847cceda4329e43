/* SPDX-License-Identifier: MIT */
/*
 * The run loop: threads through blocks, steps where every instruction must be looked at, delivers
 * what is pending in between, and counts instructions exactly.
 *
 * Counting: cpu->budget is what is left of a run after the whole current block was taken off, so
 *   retired = limit - budget - (instructions of the block from the current one on).
 * A REP string instruction counts once for each chunk of up to REP_CHUNK iterations (op_string.c);
 * the delivery of an exception counts as one instruction, so that a guest that only faults makes
 * progress.
 */
#include "cpu/interp.h"

#include "base/log.h"
#include "cpu/code.h"
#include "cpu/ops.h"

/* ---- counting ---- */

uint64_t cpu_icount(const struct cpu *cpu)
{
    uint64_t n = cpu->code->limit - (uint64_t)(int64_t)cpu->budget;

    return cpu->block ? n - (cpu->block->count - cpu->cur->index_in_block) : n;
}

/* The running block must be left behind the current instruction. */
static void stop_behind_current(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;

    if (cpu->block && !code->patched && cpu->block->valid) {
        struct insn *next = (struct insn *)(uintptr_t)(cpu->cur + 1);

        code->patched = next;
        code->patched_fn = next->fn;
        next->fn = fn_leave;
    }
}

void cpu_limit(struct cpu *cpu, uint64_t at)
{
    struct cpu_code *code = cpu->code;
    uint64_t now = cpu_icount(cpu);

    if (at <= now) {
        at = now + 1;
    }
    if (at >= code->limit) {
        return;
    }
    cpu->budget -= (int32_t)(code->limit - at);
    code->limit = at;
    if (cpu->budget < 0) {
        stop_behind_current(cpu);
    }
}

void cpu_kick(struct cpu *cpu)
{
    cpu->exit_request = true;
    cpu_limit(cpu, cpu_icount(cpu) + 1);
}

static void unpatch(struct cpu_code *code)
{
    if (code->patched) {
        if (code->patched->fn == fn_leave && code->patched_fn) {
            code->patched->fn = code->patched_fn;
        }
        code->patched = NULL;
    }
}

/* The block was left before instruction i: take back what was not run. */
static void leave_before(struct cpu *cpu, const struct insn *i)
{
    if (cpu->block) {
        cpu->budget += cpu->block->count - i->index_in_block;
        cpu->block = NULL;
    }
}

const struct insn *fn_leave(struct cpu *cpu, const struct insn *i)
{
    cpu->eip = cpu->block_eip + i->off;
    leave_before(cpu, i);
    return NULL;
}

/* The entry behind a block that ends without a branch. */
const struct insn *fn_end(struct cpu *cpu, const struct insn *i)
{
    return interp_leave(cpu, cpu->block_eip + i->off);
}

/* ---- handlers around the general op_NAME ---- */

static inline void run_op(struct cpu *cpu, const struct insn *i)
{
    cpu->cur = i;
    cpu->eip = cpu->block_eip + i->off + i->len;
    i->op(cpu, i);
}

static const struct insn *fn_general(struct cpu *cpu, const struct insn *i)
{
    run_op(cpu, i);
    THREAD_NEXT(cpu, i + 1);
}

/* The last of a block: EIP, mode or pending events must be looked at. */
static const struct insn *fn_general_end(struct cpu *cpu, const struct insn *i)
{
    run_op(cpu, i);
    cpu->block = NULL;
    return NULL;
}

/* A near branch or port access: the mode is the same, so the next block may be threaded to. */
static const struct insn *fn_general_branch(struct cpu *cpu, const struct insn *i)
{
    run_op(cpu, i);
    return interp_leave(cpu, cpu->eip);
}

/* A repeated string instruction that is not through runs again, after a look around. */
static const struct insn *fn_repeat(struct cpu *cpu, const struct insn *i)
{
    run_op(cpu, i);
    if (cpu->eip == cpu->block_eip + i->off) {
        leave_before(cpu, i + 1);
        return NULL;
    }
    THREAD_NEXT(cpu, i + 1);
}

const struct insn *interp_general(struct cpu *cpu, const struct insn *i)
{
    uint32_t attr = insn_info[i->row].attr;

    if (attr & A_END) {
        return fn_general_branch(cpu, i); /* only near branches have specialised forms */
    }
    return fn_general(cpu, i);
}

insn_fn interp_choose_fn(const struct insn *i, uint32_t mode)
{
    uint32_t attr = insn_info[i->row].attr;
    insn_fn fast = fast_select(i, mode);

    if (fast) {
        return fast;
    }
    if (attr & A_BRANCH) {
        return fn_general_branch;
    }
    if (code_ends_block(i)) {
        return fn_general_end;
    }
    if ((attr & A_STRING) && (i->prefix & (PREFIX_REP | PREFIX_REPNE))) {
        return fn_repeat;
    }
    return fn_general;
}

const struct insn *interp_leave(struct cpu *cpu, uint32_t eip)
{
    struct block *b = cpu->code->patched || cpu->code->log_exec || cpu->engine
                          ? NULL /* the run loop looks at every block */
                          : code_find_cached(cpu, eip);

    if (!b || cpu->budget < b->count || !cpu->block->valid) {
        cpu->eip = eip;
        cpu->block = NULL;
        return NULL;
    }
    cpu->budget -= b->count;
    cpu->block = b;
    cpu->block_eip = eip;
    THREAD_NEXT(cpu, &b->insn[0]);
}

const struct insn *interp_chain(struct cpu *cpu, unsigned taken, uint32_t eip)
{
    uint32_t base = cpu->seg[CS].base, here = base + cpu->block_eip;

    if (cpu->block->valid && !((here ^ (base + eip)) & ~PAGE_MASK) && !cpu->code->log_exec &&
        !cpu->engine) {
        cpu->block->chain[taken] = code_find_cached(cpu, eip);
    }
    return interp_leave(cpu, eip);
}

/* ---- stepping ---- */

void interp_inhibit_interrupts(struct cpu *cpu, enum int_shadow kind)
{
    cpu->int_shadow = (uint8_t)kind; /* step() ends it */
}

static bool code_breakpoint(struct cpu *cpu)
{
    uint32_t linear = cpu->seg[CS].base + cpu->eip, hit = 0;

    if (cpu->eflags & EFLAGS_RF) {
        return false;
    }
    for (unsigned n = 0; n < 4; n++) {
        bool enabled = cpu->dr[7] >> (2 * n) & 3, execute = !(cpu->dr[7] >> (16 + 4 * n) & 15);

        if (execute && cpu->dr[n] == linear) {
            hit |= enabled ? 0x10000u | 1u << n : 1u << n;
        }
    }
    if (!(hit & 0x10000)) {
        return false;
    }
    cpu->dr[6] |= hit & 15;
    return true;
}

/* INT n and its like take TF away before the trap would be due. */
static bool entered_handler(const struct cpu *cpu, op_fn op)
{
    return (op == op_INT_imm || op == op_INT3 || op == op_INTO || op == op_ICEBP) &&
           !(cpu->eflags & EFLAGS_TF);
}

/* Runs the instruction at CS:EIP by its general handler, with everything that can trap looked at.
 */
static void step(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;
    bool trap = cpu->eflags & EFLAGS_TF;
    uint32_t dr7 = cpu->dr[7];

    engine_settle(cpu);
    cpu->cur = &code->fetch;
    cpu->block_eip = cpu->eip;
    /* Behind MOV SS and POP SS there is none (SDM 3A 6.8.3). */
    if ((dr7 & 0xff) && cpu->int_shadow != SHADOW_MOV_SS && code_breakpoint(cpu)) {
        cpu_raise_nc(cpu, EXC_DB);
    }
    code_fetch_single(cpu, &code->single);
    cpu->cur = &code->single;
    cpu->eip += code->single.len;
    cpu->int_shadow = 0;
    code->single.op(cpu, &code->single);
    cpu->budget--;

    /* IRET may have loaded RF for the next instruction; a repeated one may not be through. */
    bool repeats = insn_info[code->single.row].attr & A_STRING && cpu->eip == cpu->block_eip;

    if (code->single.op != op_IRET && !repeats) {
        cpu->eflags &= ~EFLAGS_RF;
    }
    if (cpu->int_shadow == SHADOW_MOV_SS) {
        return; /* traps wait too */
    }
    if (trap && !entered_handler(cpu, code->single.op)) {
        cpu->debug_pending |= 1u << 14; /* DR6.BS */
    }
}

static void deliver_debug_trap(struct cpu *cpu)
{
    cpu->dr[6] |= cpu->debug_pending & 0xe00f;
    cpu->debug_pending = 0;
    cpu->halted = false;
    cpu->block = NULL;
    cpu->cur = &cpu->code->fetch;
    cpu->block_eip = cpu->eip;
    exception_deliver(cpu, EXC_DB, INT_EXCEPTION, false, 0);
}

static bool take_interrupt(struct cpu *cpu)
{
    cpu->cur = &cpu->code->fetch;
    cpu->block_eip = cpu->eip;
    if (cpu->nmi_pending && !cpu->nmi_blocked) {
        cpu->nmi_pending = false;
        cpu->nmi_blocked = true;
        cpu->halted = false;
        exception_deliver(cpu, EXC_NMI, INT_EXTERNAL, false, 0);
        return true;
    }
    if (cpu->intr && (cpu->eflags & EFLAGS_IF)) {
        int vector = cpu->bus.int_ack(cpu->bus.opaque);

        if (vector >= 0) {
            cpu->halted = false;
            log_guest(INT, "IRQ vector %02x at %04x:%08x", vector, cpu->seg[CS].sel, cpu->eip);
            exception_deliver(cpu, (uint8_t)vector, INT_EXTERNAL, false, 0);
            return true;
        }
    }
    return false;
}

static bool must_step(const struct cpu *cpu)
{
    return (cpu->eflags & (EFLAGS_TF | EFLAGS_RF)) || (cpu->dr[7] & 0xff) || cpu->int_shadow;
}

/* Until something other than the next block is to be done. */
static enum cpu_exit run_loop(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;

    for (;;) {
        unpatch(code);
        if (code->flush_wanted) {
            code_drop_all(cpu);
        } else if (code->bytes > CODE_LIMIT) {
            code_trim(cpu);
        }
        if (cpu->debug_pending && cpu->int_shadow != SHADOW_MOV_SS) {
            deliver_debug_trap(cpu);
            continue; /* by a task gate to a task with the T bit, another one is due */
        }
        if (!cpu->int_shadow && (cpu->intr || cpu->nmi_pending) && take_interrupt(cpu) &&
            cpu->debug_pending) {
            continue; /* the same */
        }
        if (cpu->exit_request) {
            cpu->exit_request = false;
            return CPU_EXIT_REQUEST;
        }
        if (cpu->halted) {
            return CPU_EXIT_HALT;
        }
        if (cpu->budget <= 0) {
            return CPU_EXIT_COUNT;
        }
        if (must_step(cpu)) {
            step(cpu);
            continue;
        }
        cpu->cur = &code->fetch;
        cpu->block_eip = cpu->eip;

        struct block *b = code_find(cpu, code_mode(cpu));

        if (!b || b->count > cpu->budget ||
            (uint64_t)cpu->eip + b->bytes > (uint64_t)cpu->seg[CS].limit + 1) {
            step(cpu); /* on a device's page, across the limit, or too much for the budget */
            continue;
        }
        if (UNLIKELY(code->log_exec) && log_wants(cpu->seg[CS].base + cpu->eip)) {
            log_guest_(LOG_EXEC, "%04x:%08x icount %llu", cpu->seg[CS].sel, cpu->eip,
                       (unsigned long long)cpu_icount(cpu));
        }
        if (cpu->engine && cpu->engine->run(cpu, b)) {
            continue;
        }
        cpu->budget -= b->count;
        cpu->block = b;

        const struct insn *i = &b->insn[0];

        while (i) {
            i = i->fn(cpu, i);
        }
    }
}

enum cpu_exit cpu_run(struct cpu *cpu, uint32_t n)
{
    struct cpu_code *code = cpu->code;

    if (code->dead_bytes > CODE_DEAD_LIMIT) {
        code_free_dead(code);
    }
    code->log_exec = log_enabled(LOG_EXEC);
    code->limit = cpu->icount + n;
    cpu->budget = (int32_t)n;
    cpu->exit_request = false;

    volatile bool alive = true;

    if (setjmp(cpu->raise_env)) {
        uint32_t eip = cpu->block_eip + cpu->cur->off;

        leave_before(cpu, cpu->cur);
        unpatch(code);
        cpu->eip = eip;
        cpu->budget--;
        log_guest(INT, "exception %02x code %04x at %04x:%08x", cpu->exc_vector, cpu->exc_code,
                  cpu->seg[CS].sel, eip);
        cpu->cur = &code->fetch;
        cpu->block_eip = eip;
        cpu->int_shadow = 0; /* in a shutdown too */
        alive = exception_handle(cpu);
    }

    enum cpu_exit why = alive ? run_loop(cpu) : CPU_EXIT_SHUTDOWN;

    engine_settle(cpu);

    cpu->icount = code->limit - (uint64_t)(int64_t)cpu->budget;
    code->limit = cpu->icount;
    cpu->budget = 0;
    return why;
}

void interp_loaded(struct cpu *cpu)
{
    cpu->code->limit = cpu->icount;
    cpu->budget = 0;
}

void cpu_set_intr(struct cpu *cpu, bool level)
{
    cpu->intr = level;
    if (level && cpu->block) {
        cpu_limit(cpu, cpu_icount(cpu) + 1);
    }
}

void cpu_raise_nmi(struct cpu *cpu)
{
    cpu->nmi_pending = true;
    if (cpu->block) {
        cpu_limit(cpu, cpu_icount(cpu) + 1);
    }
}
