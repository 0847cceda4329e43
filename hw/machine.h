/* SPDX-License-Identifier: MIT */
/*
 * struct machine: what everything hangs from. No other mutable state exists, so two machines in one
 * process work. Chips use the clock, the port map, the physical memory and the stop request; only
 * the board (pc.c) and the front ends look at the rest.
 */
#ifndef HW_MACHINE_H
#define HW_MACHINE_H

#include "base/clock.h"
#include "base/physmem.h"
#include "base/types.h"

struct cpu;
struct device;
struct io_map;
struct pc;

/* Why the machine stopped running; the exit status is made from it (docs/exit-status.md). */
enum stop_reason {
    STOP_NONE,
    STOP_QUIT,         /* the front end asked */
    STOP_SHUTDOWN,     /* the guest powered off */
    STOP_RESET,        /* the guest or the front end asked for a reset */
    STOP_TRIPLE_FAULT, /* the CPU shut down */
    STOP_DEBUG_EXIT,   /* isa-debug-exit; stop_code is the value written */
    STOP_DEAD_HALT,    /* HLT with interrupts off and nothing that could wake it */
    STOP_DIFFERENCE,   /* lockstep: the two engines differ; it was said where */
    STOP_PAUSE,        /* QMP stop: goes on with cont */
};

struct machine {
    struct clock clock;
    struct physmem mem;
    struct io_map *io;
    struct device *devices; /* creation order */

    enum stop_reason stop; /* set by machine_request_stop(); the run loop looks between blocks */
    uint32_t stop_code;

    /* Told at once when a stop is requested, so that the CPU leaves its block. May be NULL. */
    void (*kick)(void *opaque);
    void *kick_opaque;

    struct cpu *cpu; /* opaque to chips */
    struct pc *pc;   /* the board's own data */
};

/* The first reason wins until the run loop has taken it. */
void machine_request_stop(struct machine *m, enum stop_reason why, uint32_t code);

/*
 * Saved state: the CPU and every device's table, then RAM. Load into a machine made from the same
 * configuration; NULL, or a message that names what does not fit (caller frees), and the machine is
 * as it was.
 */
struct state_writer;
void machine_save(struct machine *m, struct state_writer *w);
char *machine_load(struct machine *m, const uint8_t *data, size_t len);

/*
 * The same in steps, for a file that keeps RAM apart. check names what does not fit, sections that
 * are not the machine's (but `other`) included; then RAM may be changed; then load_chips can't
 * fail.
 */
void machine_save_chips(struct machine *m, struct state_writer *w);
char *machine_check_chips(struct machine *m, const uint8_t *data, size_t len, const char *other);
void machine_load_chips(struct machine *m, const uint8_t *data, size_t len);

/* Of everything that machine_save() would write. */
uint64_t machine_hash(struct machine *m);

#endif
