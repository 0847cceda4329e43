/* SPDX-License-Identifier: MIT */
/*
 * Guest pages that serve as page tables: which spaces were derived from them, and what a write to
 * one drops.
 *
 * A table page is traced (TRACE_PAGE_TABLE) from the first walk through it. A write to an entry
 * that nothing was derived from costs a bit test: most are such (a new mapping, a fork's new
 * tables). Otherwise exactly what the entry maps is dropped, in every space that uses the table; a
 * directory entry takes its 2 or 4 MiB along. A page that is written again and again without being
 * walked is data by now: it is given up, and what was derived from it goes.
 *
 * A page can serve several purposes at once (a directory that maps itself is its own table), so it
 * has a list of uses. The MMU's own setting of A and D is no write in this sense: it takes nothing
 * away from anyone.
 */
#include "base/log.h"
#include "mmu/shadow.h"

#include <stdlib.h>

#define WRITES_PER_USE 32  /* without a walk in between, until the page counts as data */
#define BULK_WRITE     256 /* bytes: nobody writes page tables like that */

/* ---- the pools ---- */

static uint16_t take_entry(uint16_t *list, uint16_t next, unsigned *top)
{
    uint16_t n = *list;

    if (n) {
        *list = next;
        return n;
    }
    return (uint16_t)(*top)++;
}

static uint16_t table_new(struct mmu *u, phys_addr_t phys)
{
    struct shadows *sh = u->shadows;
    uint16_t n = take_entry(&sh->table_free, sh->table[sh->table_free].writes, &sh->table_top);

    sh->tables_used++;
    sh->table[n] = (struct table_page){.pfn = (uint32_t)(phys >> PAGE_SHIFT)};
    sh->table_of[phys >> PAGE_SHIFT] = n;
    physmem_trace_set(u->pm, phys, TRACE_PAGE_TABLE);
    return n;
}

static void table_free(struct mmu *u, uint16_t n)
{
    struct shadows *sh = u->shadows;
    struct table_page *t = &sh->table[n];

    sh->table_of[t->pfn] = 0;
    physmem_trace_clear(u->pm, (phys_addr_t)t->pfn << PAGE_SHIFT, TRACE_PAGE_TABLE);
    t->writes = sh->table_free; /* the list's link */
    sh->table_free = n;
    sh->tables_used--;
}

/* The table page at phys gets a use by the space; returns its index. */
static uint16_t use_add(struct mmu *u, struct space *s, phys_addr_t phys, bool directory,
                        linear_addr_t base, unsigned shift)
{
    struct shadows *sh = u->shadows;
    uint16_t n = sh->table_of[phys >> PAGE_SHIFT], k;
    struct table_use *use;

    if (!n) {
        n = table_new(u, phys);
    }
    for (k = sh->table[n].uses; k; k = use->next) {
        use = &sh->use[k];
        if (use->base == base && use->directory == directory && use->shift == shift) {
            use->spaces |= 1ull << s->index;
            return n;
        }
    }
    k = take_entry(&sh->use_free, sh->use[sh->use_free].next, &sh->use_top);
    sh->uses_used++;
    sh->use[k] = (struct table_use){.spaces = 1ull << s->index,
                                    .base = base,
                                    .next = sh->table[n].uses,
                                    .directory = directory,
                                    .shift = (uint8_t)shift};
    sh->table[n].uses = k;
    return n;
}

/* Gives back uses that no space is left of, and the page with the last of them. */
static void sweep(struct mmu *u, uint16_t n)
{
    struct shadows *sh = u->shadows;
    uint16_t *link = &sh->table[n].uses;

    if (n == sh->walking || !*link) {
        return;
    }
    while (*link) {
        struct table_use *use = &sh->use[*link];

        if (use->spaces) {
            link = &use->next;
        } else {
            uint16_t k = *link;

            *link = use->next;
            use->next = sh->use_free;
            sh->use_free = k;
            sh->uses_used--;
        }
    }
    if (!sh->table[n].uses) {
        table_free(u, n);
    }
}

static void use_remove(struct mmu *u, struct space *s, uint16_t n, bool directory,
                       linear_addr_t base)
{
    struct shadows *sh = u->shadows;

    for (uint16_t k = sh->table[n].uses; k; k = sh->use[k].next) {
        if (sh->use[k].directory == directory && sh->use[k].base == base) {
            sh->use[k].spaces &= ~(1ull << s->index);
        }
    }
    sweep(u, n);
}

bool tables_have_room(const struct mmu *u)
{
    return u->shadows->tables_used + 2 < TABLE_PAGES && u->shadows->uses_used + 2 < TABLE_USES;
}

/* ---- slots: what a directory entry maps ---- */

#define SLOT_SHIFT 21 /* a slot maps 2 MiB; without PAE every second one is used and maps 4 */

static bool is_pae(const struct space *s)
{
    return s->key.mode & KEY_PAE;
}

static unsigned slot_of(const struct space *s, linear_addr_t a)
{
    return is_pae(s) ? a >> SLOT_SHIFT : a >> SLOT_SHIFT & ~1u;
}

static void slot_forget(struct mmu *u, struct space *s, unsigned slot)
{
    uint16_t n = s->slot[slot];

    s->slot[slot] = 0;
    if (n && n != SLOT_OTHER) {
        use_remove(u, s, n, false, (linear_addr_t)slot << SLOT_SHIFT);
    }
}

static void slot_drop(struct mmu *u, struct space *s, linear_addr_t a)
{
    unsigned slot = slot_of(s, a);

    if (!s->slot[slot]) {
        return;
    }
    slot_forget(u, s, slot);
    space_drop_chunk(u, s, slot);
    if (!is_pae(s)) {
        space_drop_chunk(u, s, slot + 1);
    }
}

/* Everything that directory n of the space (its only one without PAE) maps. */
static void directory_drop(struct mmu *u, struct space *s, unsigned n)
{
    unsigned count = is_pae(s) ? SHADOW_CHUNKS / 4 : SHADOW_CHUNKS;
    uint16_t dir = s->dir[n];

    for (unsigned slot = n * count; slot < (n + 1) * count; slot++) {
        if (s->slot[slot]) {
            slot_drop(u, s, (linear_addr_t)slot << SLOT_SHIFT);
        }
    }
    s->dir[n] = 0;
    use_remove(u, s, dir, true, (linear_addr_t)n << 30);
    if (!is_pae(s)) {
        space_retire(u, s);
    }
}

void tables_forget_space(struct mmu *u, struct space *s)
{
    for (unsigned slot = 0; slot < SHADOW_CHUNKS; slot++) {
        if (s->slot[slot]) {
            slot_forget(u, s, slot);
        }
    }
    for (unsigned n = 0; n < 4; n++) {
        uint16_t dir = s->dir[n];

        s->dir[n] = 0;
        if (dir) {
            use_remove(u, s, dir, true, (linear_addr_t)n << 30);
        }
    }
}

/* ---- a write ---- */

/* What the 4 bytes at `granule` of the page say is no longer so. */
static void granule_drop(struct mmu *u, const struct table_use *use, struct space *s,
                         unsigned granule)
{
    linear_addr_t entry = granule * 4 >> use->shift;

    if (use->directory) {
        slot_drop(u, s, use->base + (entry << (use->shift == 2 ? 22 : 21)));
    } else {
        space_drop_page(u, s, use->base + (entry << PAGE_SHIFT));
    }
}

static void drop_derived(struct mmu *u, uint16_t n, unsigned granule)
{
    struct shadows *sh = u->shadows;

    sh->walking = n;
    for (uint16_t k = sh->table[n].uses; k; k = sh->use[k].next) {
        uint64_t spaces = sh->use[k].spaces;

        for (; spaces; spaces &= spaces - 1) {
            granule_drop(u, &sh->use[k], sh->spaces[__builtin_ctzll(spaces)], granule);
        }
    }
    sh->walking = 0;
    sweep(u, n);
}

static void table_drop(struct mmu *u, uint16_t n)
{
    struct shadows *sh = u->shadows;

    sh->stats.tables_dropped++;
    sh->walking = n;
    for (uint16_t k = sh->table[n].uses; k; k = sh->use[k].next) {
        struct table_use *use = &sh->use[k];

        while (use->spaces) {
            struct space *s = sh->spaces[__builtin_ctzll(use->spaces)];

            if (use->directory) {
                directory_drop(u, s, use->base >> 30);
            } else {
                slot_drop(u, s, use->base);
            }
            use->spaces &= ~(1ull << s->index);
        }
    }
    sh->walking = 0;
    sweep(u, n);
}

static unsigned use_count(const struct shadows *sh, const struct table_page *t)
{
    unsigned n = 0;

    for (uint16_t k = t->uses; k; k = sh->use[k].next) {
        n += (unsigned)__builtin_popcountll(sh->use[k].spaces);
    }
    return n;
}

/* The more would have to be filled again, the longer a page is trusted to be a table. */
static bool is_data(const struct shadows *sh, struct table_page *t)
{
    return ++t->writes % WRITES_PER_USE == 0 && t->writes >= WRITES_PER_USE * use_count(sh, t);
}

/* The tracer: physmem is about to write there. */
static void table_written(void *opaque, phys_addr_t addr, unsigned len)
{
    struct mmu *u = opaque;
    struct shadows *sh = u->shadows;
    uint16_t n = sh->table_of[addr >> PAGE_SHIFT];
    struct table_page *t = &sh->table[n];
    unsigned first = (addr & PAGE_MASK) >> 2, last = ((addr & PAGE_MASK) + len - 1) >> 2;

    if (!n) {
        return;
    }
    sh->stats.table_writes++;
    log_guest(MMU, "page table written at %08llx, %u bytes", (unsigned long long)addr, len);
    if (len >= BULK_WRITE || UNLIKELY(is_data(sh, t))) {
        table_drop(u, n);
        return;
    }
    for (unsigned g = first; g <= last && t->uses; g++) {
        if (t->derived[g >> 6] >> (g & 63) & 1) {
            t->derived[g >> 6] &= ~(1ull << (g & 63));
            drop_derived(u, n, g);
        }
    }
}

/* ---- a walk ---- */

static void derive(struct table_page *t, phys_addr_t entry, unsigned shift)
{
    unsigned g = (entry & PAGE_MASK) >> 2;

    t->writes = 0;
    t->derived[g >> 6] |= (shift == 3 ? 3ull : 1ull) << (g & 63);
}

/* Do both spaces' directory entries for a say the same? */
static bool same_entry(const struct mmu *u, const struct space *s, const struct space *donor,
                       linear_addr_t a)
{
    const struct shadows *sh = u->shadows;
    unsigned dir = is_pae(s) ? a >> 30 : 0, shift = is_pae(s) ? 3 : 2;
    unsigned off = is_pae(s) ? (a >> 21 & 511) << 3 : (a >> 22) << 2;

    return donor->dir[dir] &&
           !memcmp(u->pm->ram + ((size_t)sh->table[s->dir[dir]].pfn << PAGE_SHIFT) + off,
                   u->pm->ram + ((size_t)sh->table[donor->dir[dir]].pfn << PAGE_SHIFT) + off,
                   1u << shift);
}

/*
 * A space that meets a slot for the first time takes over what the space before it held there, if
 * their directories say the same: every process has the kernel's mappings.
 */
static void inherit(struct mmu *u, struct space *s, linear_addr_t a)
{
    struct shadows *sh = u->shadows;
    const struct space *donor = sh->donor;
    unsigned slot = slot_of(s, a), chunks = is_pae(s) ? 1 : 2;

    if (!donor || donor == s || !sh->key_hash[donor->index] || donor->key.mode != s->key.mode ||
        donor->slot[slot] != s->slot[slot] || !same_entry(u, s, donor, a)) {
        return;
    }
    for (unsigned chunk = slot; chunk < slot + chunks; chunk++) {
        shadow_copy_chunk(u, &s->shadow[0], &donor->shadow[0], chunk);
        shadow_copy_chunk(u, &s->shadow[1], &donor->shadow[1], chunk);
    }
    sh->stats.inherited++;
}

void tables_enter(struct mmu *u, struct space *s, linear_addr_t a, const struct walk *w)
{
    struct shadows *sh = u->shadows;
    unsigned n = is_pae(s) ? a >> 30 : 0, shift = is_pae(s) ? 3 : 2, slot = slot_of(s, a);
    phys_addr_t entry = physmem_a20(u->pm, w->entry[0]);
    bool first = !s->slot[slot];

    if (!physmem_is_ram(u->pm, entry)) {
        s->untracked = true;
        return;
    }
    if (!s->dir[n]) {
        s->dir[n] = use_add(u, s, entry, true, (linear_addr_t)n << 30, shift);
    }
    derive(&sh->table[s->dir[n]], entry, shift);
    if (w->levels == 1) {
        s->slot[slot] = SLOT_OTHER;
    } else {
        entry = physmem_a20(u->pm, w->entry[1]);
        if (!physmem_is_ram(u->pm, entry)) {
            s->untracked = true;
            s->slot[slot] = SLOT_OTHER;
            return;
        }
        if (first) {
            s->slot[slot] = use_add(u, s, entry, false, (linear_addr_t)slot << SLOT_SHIFT, shift);
        }
        derive(&sh->table[s->slot[slot]], entry, shift);
    }
    if (first) {
        inherit(u, s, a);
    }
}

void tables_init(struct mmu *u)
{
    struct shadows *sh = u->shadows;

    sh->table_of = xcalloc(u->pm->ram_size >> PAGE_SHIFT, sizeof(*sh->table_of));
    sh->table = xcalloc(TABLE_PAGES, sizeof(*sh->table));
    sh->use = xcalloc(TABLE_USES, sizeof(*sh->use));
    sh->table_top = sh->use_top = 1; /* 0 means none */
    physmem_hook_writes(u->pm, TRACE_PAGE_TABLE, table_written, u);
}

void tables_destroy(struct mmu *u)
{
    physmem_hook_writes(u->pm, TRACE_PAGE_TABLE, NULL, NULL);
    free(u->shadows->table_of);
    free(u->shadows->table);
    free(u->shadows->use);
}
