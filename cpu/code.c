/* SPDX-License-Identifier: MIT */
/*
 * Decoded blocks: finding, decoding, and dropping them when their bytes change.
 *
 * Blocks are kept by physical address, so they survive address-space switches, and a block lies
 * within one page. Pages that hold decoded code are traced (TRACE_CODE). A write into bytes that
 * were decoded makes their blocks invalid at once: every entry's fn becomes fn_leave, so that even
 * the block that is running leaves before its next instruction. Memory of invalid blocks is freed
 * between runs.
 */
#include "cpu/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cpu/disasm.h"
#include "cpu/ops.h"

#define BLOCK_MAX 64 /* instructions in a block */

/* ---- blocks ---- */

/* Of the entry that ends a block only the beginning is there: fn, off, len and index_in_block. */
#define END_ENTRY (offsetof(struct insn, index_in_block) + 1)

static size_t block_size(unsigned count)
{
    return sizeof(struct block) + count * sizeof(struct insn) + END_ENTRY;
}

static unsigned hash_phys(phys_addr_t phys, uint32_t mode, uint32_t eip)
{
    return (uint32_t)((phys ^ phys >> CODE_HASH_BITS) + mode * 0x9e5u + (eip >> 12) * 0x6b1u) &
           ((1 << CODE_HASH_BITS) - 1);
}

uint32_t code_mode(const struct cpu *cpu)
{
    const struct segment *cs = &cpu->seg[CS];

    return (cs->attr & DESC_DB ? MODE_CODE32 : 0) |
           (cpu->seg[SS].attr & DESC_DB ? MODE_STACK32 : 0) |
           (cs->base == 0 && cs->limit == 0xffffffff ? MODE_FLAT : 0) |
           (cpu->cpl == 3 ? MODE_USER : 0) |
           (!cpu->engine
                ? 0
                : (cpu->seg[DS].flat ? MODE_FLAT_DS : 0) | (cpu->seg[ES].flat ? MODE_FLAT_ES : 0) |
                      (cpu->seg[SS].flat ? MODE_FLAT_SS : 0) |
                      (cpu->eflags & EFLAGS_DF ? MODE_DF : 0));
}

/* Blocks are shared by every EIP unless code with a built-in EIP may be made of them. */
static uint32_t key_eip(const struct cpu *cpu)
{
    return cpu->engine ? cpu->eip : 0;
}

static struct code_page *code_page(struct cpu_code *code, phys_addr_t phys, bool make)
{
    uint64_t pfn = phys >> PAGE_SHIFT;

    if (pfn >= code->page_count) {
        return NULL;
    }
    if (!code->pages[pfn] && make) {
        code->pages[pfn] = xcalloc(1, sizeof(struct code_page));
        code->bytes += sizeof(struct code_page);
    }
    return code->pages[pfn];
}

/* Its last block is gone. */
static void page_is_data(struct cpu *cpu, phys_addr_t phys)
{
    struct cpu_code *code = cpu->code;

    physmem_trace_clear(cpu->mmu.pm, phys, TRACE_CODE);
    free(code->pages[phys >> PAGE_SHIFT]);
    code->pages[phys >> PAGE_SHIFT] = NULL;
    code->bytes -= sizeof(struct code_page);
}

static void mark_decoded(struct code_page *page, const struct block *b)
{
    unsigned start = b->phys & PAGE_MASK;

    for (unsigned k = start; k < start + b->bytes; k++) {
        page->decoded[k >> 6] |= 1ull << (k & 63);
    }
}

static bool any_decoded(const struct code_page *page, unsigned first, unsigned last)
{
    for (unsigned k = first; k <= last; k++) {
        if (!(k & 63) && k + 63 <= last && !page->decoded[k >> 6]) {
            k += 63;
        } else if (page->decoded[k >> 6] >> (k & 63) & 1) {
            return true;
        }
    }
    return false;
}

static void unhash(struct cpu_code *code, struct block *b)
{
    struct block **p = &code->hash[hash_phys(b->phys, b->mode, b->eip)];

    while (*p && *p != b) {
        p = &(*p)->hash_next;
    }
    if (*p) {
        *p = b->hash_next;
    }
}

/* Chains and the jump cache may still point here: the entries lead out again, the memory stays for
 * a while. */
static void kill_block(struct cpu *cpu, struct block *b)
{
    struct cpu_code *code = cpu->code;

    unhash(code, b);
    if (b->tb) {
        cpu->engine->drop(cpu, b);
    }
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

    if (!page || !any_decoded(page, first, last)) {
        return;
    }

    struct block **link = &page->blocks;
    bool found = false;

    while (*link) {
        struct block *b = *link;
        unsigned start = b->phys & PAGE_MASK, end = start + b->bytes - 1;

        if (start > last || first > end) {
            link = &b->page_next;
            continue;
        }
        found = true;
        *link = b->page_next;
        if (code->patched >= b->insn && code->patched <= b->insn + b->count) {
            code->patched = NULL; /* stays fn_leave */
        }
        kill_block(cpu, b);
    }
    if (!found) { /* bits of blocks that are gone */
        memset(page->decoded, 0, sizeof(page->decoded));
        for (struct block *b = page->blocks; b; b = b->page_next) {
            mark_decoded(page, b);
        }
    }
    if (!page->blocks) {
        page_is_data(cpu, addr);
    }
}

static void forget_chains(struct cpu_code *code)
{
    memset(code->jump, 0, sizeof(code->jump));
    for (unsigned h = 0; h < 1 << CODE_HASH_BITS; h++) {
        for (struct block *b = code->hash[h]; b; b = b->hash_next) {
            b->chain[0] = b->chain[1] = NULL;
        }
    }
}

/* Frees blocks that were made invalid; nothing may be running. */
void code_free_dead(struct cpu_code *code)
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

static void leave_page(struct cpu *cpu, struct block *b)
{
    struct code_page *page = code_page(cpu->code, b->phys, false);
    struct block **link = page ? &page->blocks : NULL;

    while (link && *link && *link != b) {
        link = &(*link)->page_next;
    }
    if (link && *link) {
        *link = b->page_next;
        if (!page->blocks) {
            page_is_data(cpu, b->phys);
        }
    }
}

/*
 * A part of the table in turn: what was neither translated nor run since the last time goes; if
 * that is not enough, what was not translated; then all.
 */
void code_trim(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;
    const unsigned buckets = 1u << CODE_HASH_BITS;

    for (unsigned n = 0; n < 3 * buckets; n++) {
        struct block *next;

        if (code->bytes - code->dead_bytes < CODE_LIMIT - CODE_LIMIT / 8) {
            break;
        }
        for (struct block *b = code->hash[code->hand]; b; b = next) {
            next = b->hash_next;
            if (n >= 2 * buckets || (!b->tb && b->runs == b->runs_seen)) {
                leave_page(cpu, b);
                kill_block(cpu, b);
            }
            b->runs_seen = b->runs;
        }
        code->hand = (code->hand + 1) % buckets;
    }
    code_free_dead(code);
}

void code_drop_all(struct cpu *cpu)
{
    struct cpu_code *code = cpu->code;

    code->flush_wanted = false;
    for (unsigned h = 0; h < 1 << CODE_HASH_BITS; h++) {
        while (code->hash[h]) {
            kill_block(cpu, code->hash[h]);
        }
    }
    for (uint32_t p = 0; p < code->page_count; p++) {
        if (code->pages[p]) {
            page_is_data(cpu, (phys_addr_t)p << PAGE_SHIFT);
        }
    }
    code_free_dead(code);
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
void code_fetch_single(struct cpu *cpu, struct insn *out)
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

/* Loads of data segments do not end a block: nothing is decoded for them. SS holds interrupts back.
 */
bool code_ends_block(const struct insn *i)
{
    if (i->op == op_MOV_to_seg || i->op == op_POP_seg) {
        return i->a.reg == SS;
    }
    if (i->op == op_LDS || i->op == op_LES || i->op == op_LFS || i->op == op_LGS) {
        return false;
    }
    return i->row == INSN_ROW_NONE || (insn_info[i->row].attr & A_END);
}

static struct block *store_block(struct cpu *cpu, const struct insn *insns, unsigned count,
                                 unsigned bytes, phys_addr_t phys, uint32_t mode)
{
    struct cpu_code *code = cpu->code;
    size_t size = block_size(count);
    struct block *b = xmalloc(size);

    *b = (struct block){.phys = phys,
                        .mode = (uint16_t)mode,
                        .count = (uint8_t)count,
                        .bytes = (uint16_t)bytes,
                        .eip = key_eip(cpu),
                        .valid = true};
    memcpy(b->insn, insns, count * sizeof(struct insn));
    b->insn[count].fn = fn_end;
    b->insn[count].off = (uint16_t)bytes;
    b->insn[count].len = 0;
    b->insn[count].index_in_block = (uint8_t)count;
    for (unsigned k = 0; k < count; k++) {
        b->insn[k].fn = interp_choose_fn(&b->insn[k], mode);
    }
    for (unsigned k = 0; k + 1 < count; k++) {
        fast_fuse(&b->insn[k]);
    }

    unsigned h = hash_phys(phys, mode, b->eip);

    b->hash_next = code->hash[h];
    code->hash[h] = b;
    code->bytes += size;

    struct code_page *page = code_page(code, phys, true);

    if (page) {
        b->page_next = page->blocks;
        page->blocks = b;
        mark_decoded(page, b);
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

    while (count < cpu->code->block_max && pos < end) {
        struct insn *i = &insns[count];

        if (decode_insn(cpu->code->table, page + pos, end - pos, mode & MODE_CODE32, cpu->features,
                        i) != DECODE_OK) {
            break;
        }
        i->off = (uint16_t)(pos - start);
        i->index_in_block = (uint8_t)count;
        pos += i->len;
        count++;
        if (code_ends_block(i)) {
            break;
        }
    }
    return count ? store_block(cpu, insns, count, pos - start, phys, mode) : NULL;
}

/*
 * Are all stores to it seen? Not in a card's memory (a frame buffer): it may have several physical
 * addresses, and pages[] ends with RAM. Code there is single-stepped.
 */
static bool can_keep_code(const struct physmem *pm, phys_addr_t phys)
{
    phys_addr_t page = phys & ~(phys_addr_t)PAGE_MASK;
    const uint8_t *write = physmem_lookup(pm, page).write;

    return !write || (page < pm->ram_size && write == pm->ram + page);
}

static void log_block(const struct cpu *cpu, const struct block *b)
{
    for (unsigned k = 0; k < b->count; k++) {
        char text[96];

        disasm_insn(&b->insn[k], cpu->eip + b->insn[k].off, text, sizeof(text));
        log_guest_(LOG_IN_ASM, "%04x:%08x  %s", cpu->seg[CS].sel, cpu->eip + b->insn[k].off, text);
    }
}

struct block *code_find(struct cpu *cpu, uint32_t mode)
{
    struct cpu_code *code = cpu->code;
    uint32_t linear = cpu->seg[CS].base + cpu->eip;
    struct jump_entry *j = code_jump_entry(code, linear);

    if (j->block && j->linear == linear && j->where == code_where(&cpu->mmu, linear) &&
        j->mode == mode && j->block->valid && j->block->eip == key_eip(cpu)) {
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

    uint32_t eip = key_eip(cpu);
    struct block *b = code->hash[hash_phys(phys, mode, eip)];

    while (b && (b->phys != phys || b->mode != mode || b->eip != eip)) {
        b = b->hash_next;
    }
    if (!b) {
        if (!can_keep_code(cpu->mmu.pm, phys)) {
            return NULL;
        }
        b = decode_block(cpu, page, phys, mode);
        if (b && UNLIKELY(log_enabled(LOG_IN_ASM)) && log_wants(linear)) {
            log_block(cpu, b);
        }
    }

    uintptr_t where = code_where(&cpu->mmu, linear);

    if (b && where) {
        *j = (struct jump_entry){linear, mode, where, b};
    }
    return b;
}

/* ---- life ---- */

static void memory_changed(void *opaque, bool contents)
{
    struct cpu *cpu = opaque;

    mmu_memory_changed(&cpu->mmu, contents);
    if (contents) {
        interp_flush_code(cpu);
    }
}

static void trace_changed(void *opaque, phys_addr_t page)
{
    struct cpu *cpu = opaque;

    mmu_trace_changed(&cpu->mmu, page);
}

struct cpu_code *code_new(struct cpu *cpu)
{
    struct cpu_code *code = xcalloc(1, sizeof(*code));
    struct physmem *pm = cpu->mmu.pm;

    code->table = decode_table_new();
    code->block_max = BLOCK_MAX;
    code->page_count = pm->ram_size >> PAGE_SHIFT;
    code->pages = xcalloc(code->page_count, sizeof(*code->pages));
    pm->changed = memory_changed;
    pm->trace_changed = trace_changed;
    pm->opaque = cpu;
    physmem_hook_writes(pm, TRACE_CODE, write_to_code, cpu);
    return code;
}

void code_free(struct cpu *cpu)
{
    code_drop_all(cpu);
    if (cpu->engine) {
        cpu->engine->destroy(cpu);
    }
    decode_table_free(cpu->code->table);
    free(cpu->code->pages);
    free(cpu->code);
}
