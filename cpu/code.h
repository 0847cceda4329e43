/* SPDX-License-Identifier: MIT */
/*
 * The cache of decoded blocks, as the run loop sees it. Private to cpu/.
 */
#ifndef CPU_CODE_H
#define CPU_CODE_H

#include "cpu/interp.h"

#define CODE_HASH_BITS 16
#define CODE_JUMP_BITS 13
/*
 * Bytes of blocks and of what is kept by page, those of invalid blocks too, before some are
 * dropped.
 */
#define CODE_LIMIT      (12u << 20)
#define CODE_DEAD_LIMIT (3u << 20) /* bytes of invalid blocks before they are freed */

struct code_page {
    uint64_t decoded[PAGE_SIZE / 64]; /* a bit for each byte that some block was decoded from */
    struct block *blocks;             /* through page_next */
};

struct jump_entry {
    uint32_t linear, mode;
    uintptr_t where; /* code_where() at the time */
    struct block *block;
};

struct cpu_code {
    const struct decode_table *table;
    struct block *hash[1 << CODE_HASH_BITS];
    struct jump_entry jump[1 << CODE_JUMP_BITS];
    struct code_page **pages; /* by physical page of RAM */
    uint32_t page_count;
    unsigned block_max; /* instructions in a block */
    size_t bytes;       /* of all blocks and pages[] entries */
    unsigned hand;      /* bucket that code_trim() goes on with */
    struct block *dead; /* invalid, maybe still running: freed between runs */
    size_t dead_bytes;
    bool flush_wanted;
    bool log_exec;        /* -d exec: every block goes through the run loop */
    uint64_t limit;       /* icount at which the run ends */
    struct insn *patched; /* an entry whose fn was replaced to stop there */
    insn_fn patched_fn;
    struct insn single; /* the instruction that is stepped */
    struct insn fetch;  /* stands for the instruction while it is fetched: off = len = 0 */
};

static inline struct jump_entry *code_jump_entry(struct cpu_code *code, uint32_t linear)
{
    return &code->jump[(linear ^ linear >> CODE_JUMP_BITS) & ((1 << CODE_JUMP_BITS) - 1)];
}

/*
 * Equal as long as the page is mapped where it was, and may be executed: its entry in the shadow,
 * which is the same in every address space that maps it.
 */
static inline uintptr_t code_where(const struct mmu *u, uint32_t linear)
{
    return u->table[linear >> PAGE_SHIFT];
}

struct cpu_code *code_new(struct cpu *cpu); /* also hooks into physmem's callbacks */
void code_free(struct cpu *cpu);
/* MODE_* of the CPU as it is. */
uint32_t code_mode(const struct cpu *cpu);
/*
 * The block at CS:EIP, decoded if need be; raises what fetching raises. NULL: the instruction must
 * be stepped (it lies on a device's page, or across a page or the limit).
 */
struct block *code_find(struct cpu *cpu, uint32_t mode);
/* The block at eip if the jump cache has it: for branches, same mode as the current block. */
static inline struct block *code_find_cached(struct cpu *cpu, uint32_t eip)
{
    struct cpu_code *code = cpu->code;
    uint32_t linear = cpu->seg[CS].base + eip;
    struct jump_entry *j = code_jump_entry(code, linear);

    if (j->block && j->linear == linear && j->where == code_where(&cpu->mmu, linear) &&
        j->mode == cpu->block->mode && j->block->valid &&
        ((j->mode & MODE_FLAT) ||
         (uint64_t)eip + j->block->bytes <= (uint64_t)cpu->seg[CS].limit + 1)) {
        return j->block;
    }
    return NULL;
}
/* One instruction at CS:EIP, whatever pages it lies on. May raise. */
void code_fetch_single(struct cpu *cpu, struct insn *out);
/* Frees blocks that were made invalid. No block may be running. */
void code_free_dead(struct cpu_code *code);
/* Makes room if blocks take more than CODE_LIMIT; nothing may be running. */
void code_trim(struct cpu *cpu);
void code_drop_all(struct cpu *cpu);

/* Whether a block ends behind i: EIP, the mode, or pending events must be looked at. */
bool code_ends_block(const struct insn *i);

/* interp.c: leave the block before this entry; at the end of a block; the handler of an
 * instruction. */
const struct insn *fn_leave(struct cpu *cpu, const struct insn *i);
const struct insn *fn_end(struct cpu *cpu, const struct insn *i);
insn_fn interp_choose_fn(const struct insn *i, uint32_t mode);

#endif
