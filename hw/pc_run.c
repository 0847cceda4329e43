/* SPDX-License-Identifier: MIT */
/*
 * The board's time, and how it runs from one event to the next.
 *
 * With the virtual clock, guest ns = instructions << shift, plus what the machine skipped while
 * halted. With the host clock it is the host's monotonic clock since power-on, less the time that
 * the machine was not being run.
 */
#include "hw/pc_board.h"

#include <time.h>

#include "cpu/cpu.h"
#include "hw/lockstep.h"

#define HOST_SLICE 20000 /* instructions between looks at the host's clock: well under a ms */

static uint64_t host_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

uint64_t pc_now(void *opaque)
{
    struct pc *pc = opaque;
    struct board *b = pc->board;

    if (pc->clock == PC_CLOCK_HOST) {
        return b->frozen ? b->frozen_at : host_ns() - b->ns_offset;
    }
    return (cpu_icount(pc->m.cpu) << pc->shift) + b->ns_offset;
}

void pc_set_now(struct pc *pc, uint64_t now)
{
    pc->board->ns_offset = now - (cpu_icount(pc->m.cpu) << pc->shift);
}

/* Host clock: guest time stands still while the machine is stopped. */
static void freeze(struct pc *pc, bool on)
{
    struct board *b = pc->board;

    if (pc->clock != PC_CLOCK_HOST || b->frozen == on) {
        return;
    }
    if (on) {
        b->frozen_at = pc_now(pc);
    } else {
        b->ns_offset = host_ns() - b->frozen_at;
    }
    b->frozen = on;
}

/* The instruction count at which guest time reaches `when`. Virtual clock only. */
static uint64_t icount_at(const struct pc *pc, uint64_t when)
{
    uint64_t ns = when - pc->board->ns_offset;

    return (ns + (1ull << pc->shift) - 1) >> pc->shift;
}

void pc_deadline_moved(void *opaque, uint64_t when)
{
    struct pc *pc = opaque;

    if (pc->running && pc->clock == PC_CLOCK_VIRTUAL) {
        cpu_limit(pc->m.cpu, icount_at(pc, when));
    }
}

/* How many instructions may run, at most n, before an event is due. */
static uint32_t until_event(struct pc *pc, uint32_t n)
{
    uint64_t next = clock_next(&pc->m.clock);

    if (pc->clock == PC_CLOCK_HOST) {
        return n < HOST_SLICE ? n : HOST_SLICE;
    }
    if (next == CLOCK_NEVER) {
        return n;
    }
    uint64_t left = icount_at(pc, next) - cpu_icount(pc->m.cpu);

    return left < n ? (uint32_t)left : n;
}

/* HLT with interrupts off and no NMI: only a reset helps. */
static bool halted_dead(const struct cpu *cpu)
{
    return !(cpu->eflags & EFLAGS_IF) && !cpu->nmi_pending;
}

/* Runs the CPU up to the next event. False: it can go no further now. */
static bool run_slice(struct pc *pc, uint32_t n, enum pc_run_result *result)
{
    struct machine *m = &pc->m;

    pc->running = true;
    enum cpu_exit why = cpu_run(m->cpu, until_event(pc, n));
    pc->running = false;

    if (why == CPU_EXIT_SHUTDOWN) {
        machine_request_stop(m, STOP_TRIPLE_FAULT, 0);
    } else if (why == CPU_EXIT_HALT && clock_next(&m->clock) > clock_now(&m->clock) &&
               m->stop == STOP_NONE && !pc->board->cpu_reset_wanted) {
        if (!halted_dead(m->cpu) || pc->keep_dead_halt) {
            *result = PC_IDLE;
            return false;
        }
        machine_request_stop(m, STOP_DEAD_HALT, 0);
    }
    return true;
}

enum pc_run_result pc_run_alone(struct machine *m, uint32_t n)
{
    struct pc *pc = m->pc;
    uint64_t done = 0;
    enum pc_run_result result = PC_RAN;

    if (m->stop == STOP_NONE) {
        freeze(pc, false);
    }
    for (;;) {
        clock_run(&m->clock);
        if (m->stop != STOP_NONE) {
            freeze(pc, true);
            return PC_STOPPED;
        }
        if (pc->board->cpu_reset_wanted) {
            pc_board_reset(pc->board);
        }
        if (done >= n) {
            return PC_RAN;
        }
        uint64_t start = cpu_icount(m->cpu);

        if (!run_slice(pc, n - (uint32_t)done, &result)) {
            return result;
        }
        done += cpu_icount(m->cpu) - start;
    }
}

enum pc_run_result pc_run(struct machine *m, uint32_t n)
{
    return m->pc->twin ? lockstep_run(m, n) : pc_run_alone(m, n);
}

uint64_t pc_next_event(struct machine *m)
{
    return clock_next(&m->clock);
}

static bool would_wake(const struct cpu *cpu)
{
    return !cpu->halted || cpu->nmi_pending || (cpu->intr && (cpu->eflags & EFLAGS_IF));
}

void pc_advance(struct machine *m, uint64_t when)
{
    struct pc *pc = m->pc;

    if (pc->twin) {
        pc_advance(pc->twin, when);
    }
    if (pc->clock == PC_CLOCK_HOST) {
        clock_run(&m->clock);
        return;
    }
    while (clock_next(&m->clock) <= when) {
        if (clock_next(&m->clock) > clock_now(&m->clock)) {
            pc_set_now(pc, clock_next(&m->clock));
        }
        clock_run(&m->clock);
        if (m->stop != STOP_NONE || would_wake(m->cpu)) {
            return;
        }
    }
    if (when != CLOCK_NEVER && when > clock_now(&m->clock)) {
        pc_set_now(pc, when);
    }
}
