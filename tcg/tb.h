/* SPDX-License-Identifier: MIT */
/*
 * Translated blocks: their memory, chaining, and the table of jump targets. Private to tcg/.
 */
#ifndef TCG_TB_H
#define TCG_TB_H

#include "cpu/interp.h"
#include "tcg/backend.h"
#include "tcg/codebuf.h"
#include "tcg/exec.h"
#include "tcg/ir.h"

struct tb;

struct tb_exit {
    int32_t patience;        /* how often it may store flags before it is looked at (backend.h) */
    struct backend_exit x;   /* its flags number those of `from` */
    struct tb *to;           /* NULL while not linked */
    struct tb_exit *next_in; /* others that lead to `to` */
};

/*
 * There are tens of thousands: most have one or two exits and no flags. They lie at the end of
 * their region of the code buffer.
 */
struct tb {
    struct block *block; /* NULL: dropped */
    struct tb *variant;  /* of the same block, entered with flags that were not stored */
    uint8_t *entry;
    struct tb_exit *incoming;
    struct tb *next;     /* in its region */
    uint32_t size;       /* bytes of host code */
    uint32_t dead_entry; /* from the entry on: where it jumps to once the block is dropped */
    uint8_t exits;
    bool is_variant;
    struct tb_exit exit[]; /* behind them tb_flags() */
};

/* A variant's begin with those it is entered with. */
static inline struct ir_flags *tb_flags(struct tb *tb)
{
    return (struct ir_flags *)&tb->exit[tb->exits];
}

struct perf_files;

struct tcg {
    struct cpu_engine engine;
    struct cpu *cpu;
    const struct backend *backend;
    struct codebuf *buf;
    struct tcg_options options;
    struct ir_block ir;
    struct tb *all[CODE_REGIONS]; /* by region, those that were dropped too */
    uint32_t left_at;             /* EIP at the last exit */
    struct tcg_stats stats;
    struct perf_files *perf;
};

/* Translates b. NULL: it can't be translated. */
struct tb *tb_make(struct tcg *t, struct block *b);
void tb_drop(struct tcg *t, struct tb *tb);
void tb_drop_all(struct tcg *t);
/* x was taken, and `to` is next. */
void tb_link(struct tcg *t, struct tb_exit *x, struct tb *to);
/* Indirect jumps find it from now on. */
void tb_publish(struct tcg *t, const struct tb *tb);

#endif
