/* SPDX-License-Identifier: MIT */
/*
 * What the translator does, to look at: -d op, -d out_asm, and names for `perf`. Private to tcg/.
 */
#ifndef TCG_LOOK_H
#define TCG_LOOK_H

#include <stdio.h>

#include "tcg/tb.h"

/* Guest instructions, one a line. */
void look_guest(FILE *out, const struct block *b, uint16_t cs);
/* Host code, one instruction a line; in hex if there is no disassembler. */
void look_code(FILE *out, const uint8_t *code, uint32_t size);
/* The same with each guest instruction above its own; job says where they begin. */
void look_host(FILE *out, const struct backend_job *job, const struct block *b);
/* -d op, -d out_asm; the IR as it is after the passes. */
void look_translated(struct tcg *t, const struct block *b, const struct ir_flags *entry,
                     unsigned share, const struct backend_job *job);

/*
 * /tmp/perf-PID.map (perf finds it by its name), jit-PID.dump in the current folder (`perf inject
 * --jit`; perf's tools/perf/Documentation/jitdump-specification.txt). A file that cannot be written
 * is said on standard error, once.
 */
struct perf_files {
    FILE *map, *dump;
    void *mark; /* perf sees the dump by this mapping of it */
    uint64_t index;
};
void perf_open(struct perf_files *p, bool map, bool dump);
void perf_close(struct perf_files *p);
void perf_block(struct perf_files *p, const struct backend_job *job, uint32_t linear, bool variant);

#endif
