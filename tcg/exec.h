/* SPDX-License-Identifier: MIT */
/*
 * The translator as the board sees it: an engine that a CPU can be given.
 */
#ifndef TCG_EXEC_H
#define TCG_EXEC_H

#include <stdio.h>

#include "cpu/cpu.h"

struct tcg_options {
    bool optimise;         /* all passes; else those needed for right code */
    bool chain;            /* blocks jump to each other directly */
    unsigned threshold;    /* times that a block is interpreted before it is translated */
    int patience;          /* times that an exit stores its flags before it gets a variant (tb.c) */
    unsigned share;        /* accesses that share a look-up, at least; 0: none do */
    unsigned block_max;    /* instructions in a block; 0: as many as there are */
    bool check_ir;         /* prints, parses and verifies the IR of each block */
    bool perfmap, jitdump; /* names for perf (look.h) */
    uint32_t code_size;    /* bytes of host code, and of what is known of it; 0: TCG_CODE_SIZE */
};
#define TCG_CODE_SIZE (29u << 20)
#define TCG_DEFAULTS       \
    ((struct tcg_options){ \
        .optimise = true, .chain = true, .threshold = 12, .patience = 2000, .share = 2})

/* Whether this host has a back end. */
bool tcg_supported(void);
/*
 * Gives the CPU a translator; it must not be running. false: no back end, or no memory that may be
 * executed; the CPU interprets as before. Goes away with the CPU.
 */
bool tcg_attach(struct cpu *cpu, const struct tcg_options *options);

/* The block at CS:EIP: its instructions, IR after the passes, and host code in hex. */
void tcg_print_block(struct cpu *cpu, FILE *out);

struct tcg_stats {
    uint64_t checked; /* pieces of IR, with check_ir */
    uint64_t translated, dropped, bails, calls, exits, linked, predicted;
    uint64_t evictions, evicted; /* regions of host code that made room, blocks in them */
    uint64_t longest;            /* eviction, in ns of the host's clock */
    uint64_t code_bytes;         /* in use now */
};
/* false: the CPU has no translator. */
bool tcg_get_stats(const struct cpu *cpu, struct tcg_stats *out);

#endif
