/* SPDX-License-Identifier: MIT */
/*
 * Shadow tables: their memory, entering and dropping.
 *
 * An entry may be dropped at any time: the next access walks the guest's tables again. Where a
 * translation changes, what was remembered of it outside the tables (the dispatch cache, the CPU's
 * jump cache) goes as well: those compare the space's generation, and a page they hold is noted.
 */
#define _GNU_SOURCE
#include "mmu/shadow.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/log.h"

#define TABLE_BYTES (2 * (size_t)SHADOW_WRITE * sizeof(uintptr_t))

static bool map_table(struct shadow *s)
{
    void *p = mmap(NULL, TABLE_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        return false;
    }
#ifdef MADV_NOHUGEPAGE
    madvise(p, TABLE_BYTES, MADV_NOHUGEPAGE); /* it is touched a page here and a page there */
#endif
    s->table = p;
    return true;
}

struct space *space_new(void)
{
    struct space *s = xcalloc(1, sizeof(*s));

    if (!map_table(&s->shadow[0]) || !map_table(&s->shadow[1])) {
        fatal("cannot get %zu MiB of address space for shadow page tables", 2 * TABLE_BYTES >> 20);
    }
    return s;
}

void space_free(struct space *s)
{
    munmap(s->shadow[0].table, TABLE_BYTES);
    munmap(s->shadow[1].table, TABLE_BYTES);
    free(s);
}

static uintptr_t *half_table(const struct shadow *s, enum shadow_half half)
{
    return s->table + (half == SHADOW_WRITES ? SHADOW_WRITE : 0);
}

void shadow_set(struct shadow *s, enum shadow_half half, linear_addr_t a, uintptr_t distance)
{
    uint32_t page = a >> PAGE_SHIFT, chunk = page >> SHADOW_CHUNK_SHIFT;

    s->dirty[half][chunk >> 6] |= 1ull << (chunk & 63);
    half_table(s, half)[page] = distance;
}

static bool chunk_dirty(const struct shadow *s, enum shadow_half half, uint32_t chunk)
{
    return s->dirty[half][chunk >> 6] >> (chunk & 63) & 1;
}

static void clear_chunk(struct shadow *s, enum shadow_half half, uint32_t chunk)
{
    memset(half_table(s, half) + chunk * SHADOW_CHUNK, 0, SHADOW_CHUNK * sizeof(uintptr_t));
    s->dirty[half][chunk >> 6] &= ~(1ull << (chunk & 63));
}

static void shadow_clear(struct shadow *s, enum shadow_half half)
{
    for (unsigned w = 0; w < SHADOW_CHUNKS / 64; w++) {
        while (s->dirty[half][w]) {
            clear_chunk(s, half, w * 64 + (unsigned)__builtin_ctzll(s->dirty[half][w]));
        }
    }
}

void space_renew(struct mmu *u, struct space *s)
{
    for (unsigned w = 0; w < SHADOW_CHUNKS / 64; w++) {
        while (s->noted_chunks[w]) {
            unsigned chunk = w * 64 + (unsigned)__builtin_ctzll(s->noted_chunks[w]);

            memset(&s->noted[chunk * SHADOW_CHUNK / 64], 0, SHADOW_CHUNK / 8);
            s->noted_chunks[w] &= s->noted_chunks[w] - 1;
        }
    }
    s->generation = ++u->shadows->generations;
    if (s == u->shadows->space) {
        u->generation = s->generation;
    }
}

void space_clear(struct mmu *u, struct space *s)
{
    for (unsigned user = 0; user < 2; user++) {
        shadow_clear(&s->shadow[user], SHADOW_READS);
        shadow_clear(&s->shadow[user], SHADOW_WRITES);
    }
    space_renew(u, s);
}

static void drop_entry(struct shadow *s, enum shadow_half half, uint32_t page)
{
    if (chunk_dirty(s, half, page >> SHADOW_CHUNK_SHIFT)) {
        half_table(s, half)[page] = 0;
    }
}

void space_drop_page(struct mmu *u, struct space *s, linear_addr_t a)
{
    uint32_t page = a >> PAGE_SHIFT;

    for (unsigned user = 0; user < 2; user++) {
        drop_entry(&s->shadow[user], SHADOW_READS, page);
        drop_entry(&s->shadow[user], SHADOW_WRITES, page);
    }
    if (s->noted[page >> 6] >> (page & 63) & 1) {
        space_renew(u, s);
    }
}

void space_drop_chunk(struct mmu *u, struct space *s, linear_addr_t a)
{
    uint32_t chunk = a >> (PAGE_SHIFT + SHADOW_CHUNK_SHIFT);

    for (unsigned user = 0; user < 2; user++) {
        for (unsigned half = 0; half < 2; half++) {
            if (chunk_dirty(&s->shadow[user], half, chunk)) {
                clear_chunk(&s->shadow[user], half, chunk);
            }
        }
    }
    if (s->noted_chunks[chunk >> 6] >> (chunk & 63) & 1) {
        space_renew(u, s);
    }
}

/* ---- which linear pages have a write entry to a physical page ---- */

static void drop_writes(struct mmu *u, phys_addr_t phys, uint32_t page)
{
    uintptr_t distance = (uintptr_t)u->pm->ram + phys - ((uintptr_t)page << PAGE_SHIFT);
    struct space *s = u->shadows->space;

    for (unsigned user = 0; user < 2; user++) {
        struct shadow *t = &s->shadow[user];

        if (chunk_dirty(t, SHADOW_WRITES, page >> SHADOW_CHUNK_SHIFT) &&
            half_table(t, SHADOW_WRITES)[page] == distance) {
            half_table(t, SHADOW_WRITES)[page] = 0;
        }
    }
}

void writers_add(struct mmu *u, phys_addr_t phys, linear_addr_t a)
{
    struct writers *w = &u->shadows->writers[phys >> PAGE_SHIFT];
    uint32_t page = a >> PAGE_SHIFT;
    unsigned n;

    for (n = 0; n < WRITERS && w->page[n]; n++) {
        if (w->page[n] == page + 1) {
            return;
        }
    }
    if (n == WRITERS) { /* one of them has to fill again */
        n = page & (WRITERS - 1);
        drop_writes(u, phys, w->page[n] - 1);
    }
    w->page[n] = page + 1;
}

void mmu_trace_changed(struct mmu *u, phys_addr_t phys)
{
    struct writers *w;

    if (phys >= u->pm->ram_size || !u->pm->trace[phys >> PAGE_SHIFT]) {
        return; /* no longer traced: the next store enters it */
    }
    w = &u->shadows->writers[phys >> PAGE_SHIFT];
    for (unsigned n = 0; n < WRITERS && w->page[n]; n++) {
        drop_writes(u, phys, w->page[n] - 1);
    }
    *w = (struct writers){0};
}
