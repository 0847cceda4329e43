/* SPDX-License-Identifier: MIT */
/*
 * What code.c, interp.c and fast.c share: blocks of decoded instructions and how handlers thread
 * through them.
 *
 * A handler of type insn_fn runs one instruction and goes on with the next: by a tail call in
 * optimised builds, by returning it to the loop in cpu_run() otherwise. Returning NULL leaves the
 * block; then cpu->eip says where to go on. EIP is not kept while threading: it is block_eip +
 * insn->off.
 */
#ifndef CPU_INTERP_H
#define CPU_INTERP_H

#include "cpu/decode.h"

struct block {
    phys_addr_t phys; /* of its first byte */
    uint32_t eip;     /* translated code has it built in, so it is part of the key */
    uint16_t bytes;
    uint16_t runs;      /* engine: how often it was interpreted, until it is worth translating */
    uint16_t runs_seen; /* when code_trim() last came by */
    uint16_t mode;      /* MODE_*: what it was decoded for */
    uint8_t count;      /* instructions; one more entry ends the block */
    bool valid;
    bool untranslatable;    /* engine: it is always interpreted */
    struct tb *tb;          /* engine: its translation */
    struct block *chain[2]; /* the blocks behind: not taken or no branch; taken. NULL: not found */
    struct block *hash_next;
    struct block *page_next; /* blocks of one physical page */
    struct insn insn[];
};

#define MODE_CODE32  1u /* CS.D */
#define MODE_STACK32 2u /* SS.B */
#define MODE_FLAT    4u /* CS base 0, limit 4 GiB: jumps need no limit check */
#define MODE_USER    8u
/* With a translator only: */
#define MODE_FLAT_DS 16u /* base 0, all of 4 GiB may be read and written */
#define MODE_FLAT_ES 32u
#define MODE_FLAT_SS 64u
#define MODE_DF      128u /* EFLAGS.DF */

/* Something else that can run a decoded block: the translator. */
struct cpu_engine {
    /* Runs block b, and maybe others behind it. false: interpret it this time. */
    bool (*run)(struct cpu *cpu, struct block *b);
    /* b is about to become invalid, maybe while it runs. */
    void (*drop)(struct cpu *cpu, struct block *b);
    /* Brings what still lies in the host's registers back to struct cpu. */
    void (*settle)(struct cpu *cpu);
    void (*destroy)(struct cpu *cpu);
};

static inline void engine_settle(struct cpu *cpu)
{
    if (cpu->jit.x87_live) {
        cpu->engine->settle(cpu);
    }
}

/* Sanitizers and -O0 keep stack frames alive: there the loop in cpu_run() does the threading. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INTERP_LOOP 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define INTERP_LOOP 1
#endif
#ifdef INTERP_LOOP
#define THREAD_NEXT(cpu, i) return (i)
#else
#define THREAD_NEXT(cpu, i) return (i)->fn(cpu, i)
#endif

/* Goes on at eip in the same mode: in the next block if it is known and the budget lasts. */
const struct insn *interp_leave(struct cpu *cpu, uint32_t eip);
/* The same behind a branch to a known target; the current block remembers the next, if it is on the
 * same page. */
const struct insn *interp_chain(struct cpu *cpu, unsigned taken, uint32_t eip);
/* Runs i by its general handler and goes on: what a specialised handler falls back to. */
const struct insn *interp_general(struct cpu *cpu, const struct insn *i);

/* The specialised handler of an instruction, or NULL (fast.c). */
insn_fn fast_select(const struct insn *i, uint32_t mode);
/* Joins a compare and the branch behind it into one handler, where one exists. */
void fast_fuse(struct insn *i);

#endif
