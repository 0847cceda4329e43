/* SPDX-License-Identifier: MIT */
/*
 * The run loop: finds or decodes the block at CS:EIP, threads through it, delivers what is pending
 * between blocks, and counts instructions exactly.
 *
 * Decoded blocks are kept by physical address, so they survive address-space switches. A block lies
 * within one page. Pages that hold decoded code are traced (TRACE_CODE); a write into bytes that
 * were decoded makes their blocks invalid at once: every entry's fn becomes fn_leave, so that even
 * the block that is running leaves before its next instruction.
 *
 * Counting: cpu->budget is what is left of a run after the whole current block was taken off, so
 *   retired = limit - budget - (instructions of the block from the current one on).
 * A REP string instruction counts once for each chunk of up to REP_CHUNK iterations (op_string.c);
 * the delivery of an exception counts as one instruction, so that a guest that only faults makes
 * progress.
 */
#include "cpu/interp.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cpu/disasm.h"
#include "cpu/ops.h"

#define BLOCK_MAX    64 /* instructions in a block */
#define HASH_BITS    14
#define JUMP_BITS    12
#define GRANULE_BITS 6           /* 64 granules of 64 bytes in a page */
#define DEAD_LIMIT   (4u << 20)  /* bytes of invalid blocks before they are freed */
#define CODE_LIMIT   (96u << 20) /* bytes of decoded blocks before all are dropped */

struct code_page {
    uint64_t granules;    /* which 64-byte pieces hold decoded bytes */
    struct block *blocks; /* through page_next */
};

struct jump_entry {
    uint32_t linear, generation, mode;
    struct block *block;
};

struct cpu_code {
    const struct decode_table *table;
    struct block *hash[1 << HASH_BITS];
    struct jump_entry jump[1 << JUMP_BITS];
    struct code_page **pages; /* by physical page of RAM */
    uint32_t page_count;
    size_t bytes;       /* of all blocks */
    struct block *dead; /* invalid, maybe still running: freed between runs */
    size_t dead_bytes;
    bool flush_wanted;
    bool log_exec; /* -d exec: every block goes through the run loop */
    uint64_t limit;       /* icount at which the run ends */
    struct insn *patched; /* an entry whose fn was replaced to stop there */
    insn_fn patched_fn;
    struct insn single; /* the instruction that is stepped */
    struct insn fetch;  /* stands for the instruction while it is fetched: off = len = 0 */
};

static const struct insn *fn_leave(struct cpu *cpu, const struct insn *i);

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

static const struct insn *fn_leave(struct cpu *cpu, const struct insn *i)
{
    cpu->eip = cpu->block_eip + i->off;
    leave_before(cpu, i);
    return NULL;
}

/* The entry behind a block that ends without a branch. */
static const struct insn *fn_end(struct cpu *cpu, const struct insn *i)
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

static insn_fn choose_fn(const struct insn *i, uint32_t mode)
{
    uint32_t attr = insn_info[i->row].attr;
    insn_fn fast = fast_select(i, mode);

    if (fast) {
        return fast;
    }
    if (attr & A_BRANCH) {
        return fn_general_branch;
    }
    if ((attr & A_END) || i->row == INSN_ROW_NONE) {
        return fn_general_end;
    }
    if ((attr & A_STRING) && (i->prefix & (PREFIX_REP | PREFIX_REPNE))) {
        return fn_repeat;
    }
    return fn_general;
}

/* ---- blocks ---- */

static size_t block_size(unsigned count)
{
    return sizeof(struct block) + (count + 1u) * sizeof(struct insn);
}

static unsigned hash_phys(phys_addr_t phys, uint32_t mode)
{
    return (uint32_t)((phys ^ phys >> HASH_BITS) + mode * 0x9e5u) & ((1 << HASH_BITS) - 1);
}

static uint32_t current_mode(const struct cpu *cpu)
{
    const struct segment *cs = &cpu->seg[CS];

    return (cs->attr & DESC_DB ? MODE_CODE32 : 0) |
           (cpu->seg[SS].attr & DESC_DB ? MODE_STACK32 : 0) |
           (cs->base == 0 && cs->limit == 0xffffffff ? MODE_FLAT : 0) |
           (cpu->cpl == 3 ? MODE_USER : 0);
}

static struct code_page *code_page(struct cpu_code *code, phys_addr_t phys, bool make)
{
    uint64_t pfn = phys >> PAGE_SHIFT;

    if (pfn >= code->page_count) {
        return NULL;
    }
    if (!code->pages[pfn] && make) {
        code->pages[pfn] = xcalloc(1, sizeof(struct code_page));
    }
    return code->pages[pfn];
}

static uint64_t granule_mask(unsigned first, unsigned last)
{
    first >>= GRANULE_BITS;
    last >>= GRANULE_BITS;
    return (~0ull >> (63 - last)) & (~0ull << first);
}

static void unhash(struct cpu_code *code, struct block *b)
{
    struct block **p = &code->hash[hash_phys(b->phys, b->mode)];

    while (*p && *p != b) {
        p = &(*p)->hash_next;
    }
    if (*p) {
        *p = b->hash_next;
    }
}

/* Chains and the jump cache may still point here: the entries lead out again, the memory stays for
 * a while. */
static void kill_block(struct cpu_code *code, struct block *b)
{
    unhash(code, b);
    b->valid = false;
    for (unsigned k = 0; k <= b->count; k++) {
        b->insn[k].fn = fn_leave;
    }
    b->page_next = code->dead;
    code->dead = b;
    code->dead_bytes += block_size(b->count);
}

static void write_to_code(void *opaque, phys_addr_t addr, unsigned len)
{
    struct cpu *cpu = opaque;
    struct cpu_code *code = cpu->code;
    struct code_page *page = code_page(code, addr, false);
    unsigned first = addr & PAGE_MASK, last = first + len - 1;

    if (!page || !(page->granules & granule_mask(first, last))) {
        return;
    }

    struct block *b = page->blocks;
    uint64_t keep = 0;

    page->blocks = NULL;
    while (b) {
        struct block *next = b->page_next;
        unsigned start = b->phys & PAGE_MASK, end = start + b->bytes - 1;

        if (start <= last && first <= end) {
            if (code->patched >= b->insn && code->patched <= b->insn + b->count) {
                code->patched = NULL; /* stays fn_leave */
            }
            kill_block(code, b);
        } else {
            b->page_next = page->blocks;
            page->blocks = b;
            keep |= granule_mask(start, end);
        }
        b = next;
    }
    page->granules = keep;
    if (!keep) {
        physmem_trace_clear(cpu->mmu.pm, addr, TRACE_CODE);
    }
}

static void forget_chains(struct cpu_code *code)
{
    memset(code->jump, 0, sizeof(code->jump));
    for (unsigned h = 0; h < 1 << HASH_BITS; h++) {
        for (struct block *b = code->hash[h]; b; b = b->hash_next) {
            struct insn *last = &b->insn[b->count - 1];

            last->chain[0] = last->chain[1] = NULL;
            b->insn[b->count].chain[0] = NULL;
        }
    }
}

/* Frees blocks that were made invalid; nothing may be running. */
static void free_dead(struct cpu_code *code)
{
    if (!code->dead) {
        return;
    }
    forget_chains(code);
    while (code->dead) {
        struct block *b = code->dead;

        code->dead = b->page_next;
        code->bytes -= block_size(b->count);
        free(b);
    }
    code->dead_bytes = 0;
}

static void drop_all(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;

    code->flush_wanted = false;
    unpatch(code);
    for (unsigned h = 0; h < 1 << HASH_BITS; h++) {
        while (code->hash[h]) {
            kill_block(code, code->hash[h]);
        }
    }
    for (uint32_t p = 0; p < code->page_count; p++) {
        if (code->pages[p]) {
            physmem_trace_clear(cpu->mmu.pm, (phys_addr_t)p << PAGE_SHIFT, TRACE_CODE);
            free(code->pages[p]);
            code->pages[p] = NULL;
        }
    }
    free_dead(code);
    mmu_flush(&cpu->mmu);
}

void interp_flush_code(struct cpu *cpu)
{
    cpu->code->flush_wanted = true;
    cpu_limit(cpu, cpu_icount(cpu) + 1);
}

/* ---- fetching ---- */

/* Reads up to 15 bytes at CS:EIP into buf, as far as the limit and `stop` (bytes) allow. May raise.
 */
static unsigned fetch_bytes(struct cpu *cpu, uint8_t *buf, unsigned want)
{
    const struct segment *cs = &cpu->seg[CS];
    uint32_t linear = cs->base + cpu->eip;
    unsigned got = 0;

    while (got < want) {
        phys_addr_t phys;
        const uint8_t *page = mmu_fetch_page(&cpu->mmu, linear + got, &phys);
        unsigned off = (linear + got) & PAGE_MASK, n = PAGE_SIZE - off;

        n = n < want - got ? n : want - got;
        if (page) {
            memcpy(buf + got, page + off, n);
        } else {
            for (unsigned k = 0; k < n; k++) {
                buf[got + k] = (uint8_t)physmem_load(cpu->mmu.pm,
                                                     (phys & ~(phys_addr_t)PAGE_MASK) + off + k, 1);
            }
        }
        got += n;
    }
    return got;
}

/* How many bytes the CS limit lets follow from eip; #GP(0) if none. */
static unsigned fetch_limit(struct cpu *cpu)
{
    const struct segment *cs = &cpu->seg[CS];

    if (cpu->eip > cs->limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    uint32_t left = cs->limit - cpu->eip;

    return left >= 14 ? 15 : left + 1;
}

/* One instruction at CS:EIP, whatever pages it lies on. */
static void fetch_single(struct cpu *cpu, struct insn *out)
{
    uint8_t buf[15];
    unsigned limit = fetch_limit(cpu);
    unsigned in_page = PAGE_SIZE - ((cpu->seg[CS].base + cpu->eip) & PAGE_MASK);
    unsigned n = in_page < limit ? in_page : limit;
    bool code32 = cpu->seg[CS].attr & DESC_DB;

    fetch_bytes(cpu, buf, n);

    enum decode_result r = decode_insn(cpu->code->table, buf, n, code32, cpu->features, out);

    if (r == DECODE_MORE && n < limit) { /* only now may the second page fault */
        fetch_bytes(cpu, buf, limit);
        r = decode_insn(cpu->code->table, buf, limit, code32, cpu->features, out);
    }
    if (r != DECODE_OK) {
        cpu_raise(cpu, EXC_GP, 0);
    }
}

static bool ends_block(const struct insn *i)
{
    return i->row == INSN_ROW_NONE || (insn_info[i->row].attr & A_END);
}

static struct block *store_block(struct cpu *cpu, const struct insn *insns, unsigned count,
                                 unsigned bytes, phys_addr_t phys, uint32_t mode)
{
    struct cpu_code *code = cpu->code;
    size_t size = block_size(count);
    struct block *b = xmalloc(size);

    *b = (struct block){.phys = phys,
                        .mode = mode,
                        .count = (uint16_t)count,
                        .bytes = (uint16_t)bytes,
                        .valid = true};
    memcpy(b->insn, insns, count * sizeof(struct insn));
    b->insn[count] =
        (struct insn){.fn = fn_end, .off = (uint16_t)bytes, .index_in_block = (uint8_t)count};
    for (unsigned k = 0; k < count; k++) {
        b->insn[k].fn = choose_fn(&b->insn[k], mode);
    }
    for (unsigned k = 0; k + 1 < count; k++) {
        fast_fuse(&b->insn[k]);
    }

    unsigned h = hash_phys(phys, mode);

    b->hash_next = code->hash[h];
    code->hash[h] = b;
    code->bytes += size;

    struct code_page *page = code_page(code, phys, true);

    if (page) {
        unsigned start = phys & PAGE_MASK;

        b->page_next = page->blocks;
        page->blocks = b;
        page->granules |= granule_mask(start, start + bytes - 1);
        physmem_trace_set(cpu->mmu.pm, phys, TRACE_CODE);
    }
    return b;
}

/* Decodes from CS:EIP to the end of the page, a branch or BLOCK_MAX. NULL: it must be
 * single-stepped. */
static struct block *decode_block(struct cpu *cpu, const uint8_t *page, phys_addr_t phys,
                                  uint32_t mode)
{
    struct insn insns[BLOCK_MAX];
    unsigned start = phys & PAGE_MASK, pos = start, count = 0;
    uint64_t limit = (uint64_t)cpu->seg[CS].limit - cpu->eip + 1; /* bytes */
    unsigned end = limit < PAGE_SIZE - start ? start + (unsigned)limit : PAGE_SIZE;

    while (count < BLOCK_MAX && pos < end) {
        struct insn *i = &insns[count];

        if (decode_insn(cpu->code->table, page + pos, end - pos, mode & MODE_CODE32, cpu->features,
                        i) != DECODE_OK) {
            break;
        }
        i->off = (uint16_t)(pos - start);
        i->index_in_block = (uint8_t)count;
        pos += i->len;
        count++;
        if (ends_block(i)) {
            break;
        }
    }
    return count ? store_block(cpu, insns, count, pos - start, phys, mode) : NULL;
}

static void log_block(const struct cpu *cpu, const struct block *b)
{
    for (unsigned k = 0; k < b->count; k++) {
        char text[96];

        disasm_insn(&b->insn[k], cpu->eip + b->insn[k].off, text, sizeof(text));
        log_guest_(LOG_IN_ASM, "%04x:%08x  %s", cpu->seg[CS].sel, cpu->eip + b->insn[k].off, text);
    }
}

static struct block *find_block(struct cpu *cpu, uint32_t mode)
{
    struct cpu_code *code = cpu->code;
    uint32_t linear = cpu->seg[CS].base + cpu->eip;
    struct jump_entry *j = &code->jump[(linear ^ linear >> JUMP_BITS) & ((1 << JUMP_BITS) - 1)];

    if (j->block && j->linear == linear && j->generation == cpu->mmu.generation &&
        j->mode == mode && j->block->valid) {
        return j->block;
    }
    if (cpu->eip > cpu->seg[CS].limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }

    phys_addr_t phys;
    const uint8_t *page = mmu_fetch_page(&cpu->mmu, linear, &phys);

    if (!page) {
        return NULL;
    }
    phys = (phys & ~(phys_addr_t)PAGE_MASK) | (linear & PAGE_MASK);

    struct block *b = code->hash[hash_phys(phys, mode)];

    while (b && (b->phys != phys || b->mode != mode)) {
        b = b->hash_next;
    }
    if (!b) {
        b = decode_block(cpu, page, phys, mode);
        if (b && UNLIKELY(log_enabled(LOG_IN_ASM))) {
            log_block(cpu, b);
        }
    }
    if (b) {
        *j = (struct jump_entry){linear, cpu->mmu.generation, mode, b};
    }
    return b;
}

/* The block at eip through the jump cache, or NULL. */
static struct block *find_cached(struct cpu *cpu, uint32_t eip)
{
    struct cpu_code *code = cpu->code;
    uint32_t linear = cpu->seg[CS].base + eip;
    struct jump_entry *j = &code->jump[(linear ^ linear >> JUMP_BITS) & ((1 << JUMP_BITS) - 1)];

    if (j->block && j->linear == linear && j->generation == cpu->mmu.generation &&
        j->mode == cpu->block->mode && j->block->valid &&
        ((j->mode & MODE_FLAT) ||
         (uint64_t)eip + j->block->bytes <= (uint64_t)cpu->seg[CS].limit + 1)) {
        return j->block;
    }
    return NULL;
}

const struct insn *interp_leave(struct cpu *cpu, uint32_t eip)
{
    struct block *b = cpu->code->patched || cpu->code->log_exec ? NULL : find_cached(cpu, eip);

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

const struct insn *interp_chain(struct cpu *cpu, const struct insn *i, unsigned taken, uint32_t eip)
{
    uint32_t here = cpu->block_eip;

    if (cpu->block->valid && !((here ^ eip) & ~PAGE_MASK) && !cpu->code->log_exec) {
        ((struct insn *)(uintptr_t)i)->chain[taken] = find_cached(cpu, eip);
    }
    return interp_leave(cpu, eip);
}

/* ---- stepping ---- */

void interp_inhibit_interrupts(struct cpu *cpu)
{
    cpu->int_shadow = 2; /* one for the instruction itself, one for the next */
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

/* Runs the instruction at CS:EIP by its general handler, with everything that can trap looked at.
 */
static void step(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;
    bool trap = cpu->eflags & EFLAGS_TF;
    uint32_t dr7 = cpu->dr[7];

    cpu->cur = &code->fetch;
    cpu->block_eip = cpu->eip;
    if ((dr7 & 0xff) && code_breakpoint(cpu)) {
        cpu_raise_nc(cpu, EXC_DB);
    }
    fetch_single(cpu, &code->single);
    cpu->cur = &code->single;
    cpu->eip += code->single.len;
    code->single.op(cpu, &code->single);
    cpu->budget--;

    if (code->single.op != op_IRET) { /* which may have loaded RF for the next instruction */
        cpu->eflags &= ~EFLAGS_RF;
    }
    if (cpu->int_shadow == 2 && code->single.op != op_STI) {
        return; /* MOV SS and POP SS hold traps back too */
    }
    if (trap) {
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
        if (code->flush_wanted || code->bytes > CODE_LIMIT) {
            drop_all(cpu);
        }
        if (cpu->debug_pending && cpu->int_shadow != 2) {
            deliver_debug_trap(cpu);
        }
        if (cpu->int_shadow) {
            cpu->int_shadow--;
        }
        if (!cpu->int_shadow && (cpu->intr || cpu->nmi_pending)) {
            take_interrupt(cpu);
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

        struct block *b = find_block(cpu, current_mode(cpu));

        if (!b || b->count > cpu->budget ||
            (uint64_t)cpu->eip + b->bytes > (uint64_t)cpu->seg[CS].limit + 1) {
            step(cpu); /* on a device's page, across the limit, or too much for the budget */
            continue;
        }
        if (UNLIKELY(code->log_exec)) {
            log_guest_(LOG_EXEC, "%04x:%08x icount %llu", cpu->seg[CS].sel, cpu->eip,
                       (unsigned long long)cpu_icount(cpu));
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

    if (code->dead_bytes > DEAD_LIMIT) {
        free_dead(code);
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
        alive = exception_handle(cpu);
    }

    enum cpu_exit why = alive ? run_loop(cpu) : CPU_EXIT_SHUTDOWN;

    cpu->icount = code->limit - (uint64_t)(int64_t)cpu->budget;
    code->limit = cpu->icount;
    cpu->budget = 0;
    return why;
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

/* ---- life ---- */

static void memory_changed(void *opaque, bool contents)
{
    struct cpu *cpu = opaque;

    mmu_flush(&cpu->mmu);
    if (contents) {
        interp_flush_code(cpu);
    }
}

static void trace_changed(void *opaque, phys_addr_t page)
{
    struct cpu *cpu = opaque;

    mmu_trace_changed(&cpu->mmu, page);
}

struct cpu_code *interp_new(struct cpu *cpu)
{
    struct cpu_code *code = xcalloc(1, sizeof(*code));
    struct physmem *pm = cpu->mmu.pm;

    code->table = decode_table_new();
    code->page_count = pm->ram_size >> PAGE_SHIFT;
    code->pages = xcalloc(code->page_count, sizeof(*code->pages));
    pm->changed = memory_changed;
    pm->trace_changed = trace_changed;
    pm->traced_write = write_to_code;
    pm->opaque = cpu;
    return code;
}

void interp_free(struct cpu *cpu)
{
    drop_all(cpu);
    decode_table_free(cpu->code->table);
    free(cpu->code->pages);
    free(cpu->code);
}
