/* SPDX-License-Identifier: MIT */
/*
 * Shadow tables: their memory, entering and dropping.
 *
 * An entry may be dropped at any time: the next access walks the guest's tables again. Where a
 * translation changes, what was remembered of it outside the tables (the dispatch cache, what the
 * CPU knows of its code) goes as well: those compare the space's generation, and a page they hold
 * is noted.
 */
#define _GNU_SOURCE
#include "mmu/shadow.h"

#include <sys/mman.h>

#include "base/log.h"

#define TABLE_BYTES (2 * (size_t)SHADOW_WRITE * sizeof(uintptr_t))

static bool bit_get(const uint64_t *bits, uint32_t n)
{
    return bits[n >> 6] >> (n & 63) & 1;
}

static void bit_set(uint64_t *bits, uint32_t n)
{
    bits[n >> 6] |= 1ull << (n & 63);
}

static void bit_clear(uint64_t *bits, uint32_t n)
{
    bits[n >> 6] &= ~(1ull << (n & 63));
}

bool shadow_map(struct shadow *s)
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

void shadow_unmap(struct shadow *s)
{
    munmap(s->table, TABLE_BYTES);
    s->table = NULL;
}

static uintptr_t *half_table(const struct shadow *s, enum shadow_half half)
{
    return s->table + (half == SHADOW_WRITES ? SHADOW_WRITE : 0);
}

/* The chunk gets its first entry. */
static void open_chunk(struct mmu *u, struct shadow *s, enum shadow_half half, uint32_t chunk)
{
    bit_set(s->dirty[half], chunk);
    if (!bit_get(s->resident[half], chunk)) {
        bit_set(s->resident[half], chunk);
        u->shadows->resident++;
    }
}

void shadow_set(struct mmu *u, struct shadow *s, enum shadow_half half, linear_addr_t a,
                uintptr_t distance)
{
    if (UNLIKELY(!bit_get(s->dirty[half], CHUNK_OF(a)))) {
        open_chunk(u, s, half, CHUNK_OF(a));
    }
    half_table(s, half)[a >> PAGE_SHIFT] = distance;
}

static void clear_chunk(struct shadow *s, enum shadow_half half, uint32_t chunk)
{
    memset(half_table(s, half) + chunk * SHADOW_CHUNK, 0, SHADOW_CHUNK * sizeof(uintptr_t));
    bit_clear(s->dirty[half], chunk);
}

void shadow_clear(struct shadow *s)
{
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned w = 0; w < SHADOW_CHUNKS / 64; w++) {
            while (s->dirty[half][w]) {
                clear_chunk(s, half, w * 64 + (unsigned)__builtin_ctzll(s->dirty[half][w]));
            }
        }
    }
}

unsigned shadow_resident(const struct shadow *s)
{
    unsigned n = 0;

    for (unsigned half = 0; half < 2; half++) {
        for (unsigned w = 0; w < SHADOW_CHUNKS / 64; w++) {
            n += (unsigned)__builtin_popcountll(s->resident[half][w]);
        }
    }
    return n;
}

void shadow_release(struct mmu *u, struct shadow *s)
{
    u->shadows->resident -= shadow_resident(s);
    memset(s->dirty, 0, sizeof(s->dirty));
    memset(s->resident, 0, sizeof(s->resident));
    if (madvise(s->table, TABLE_BYTES, MADV_DONTNEED) != 0) {
        memset(s->table, 0, SHADOW_PAGES * sizeof(*s->table));
        memset(s->table + SHADOW_WRITE, 0, SHADOW_PAGES * sizeof(*s->table));
    }
}

void shadow_copy_chunk(struct mmu *u, struct shadow *to, const struct shadow *from, uint32_t chunk)
{
    for (unsigned half = 0; half < 2; half++) {
        if (bit_get(from->dirty[half], chunk)) {
            open_chunk(u, to, half, chunk);
            memcpy(half_table(to, half) + chunk * SHADOW_CHUNK,
                   half_table(from, half) + chunk * SHADOW_CHUNK, SHADOW_CHUNK * sizeof(uintptr_t));
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

static void drop_entry(struct shadow *s, enum shadow_half half, linear_addr_t a)
{
    if (bit_get(s->dirty[half], CHUNK_OF(a))) {
        half_table(s, half)[a >> PAGE_SHIFT] = 0;
    }
}

void space_drop_page(struct mmu *u, struct space *s, linear_addr_t a)
{
    for (unsigned user = 0; user < 2; user++) {
        drop_entry(&s->shadow[user], SHADOW_READS, a);
        drop_entry(&s->shadow[user], SHADOW_WRITES, a);
    }
    if (bit_get(s->noted, a >> PAGE_SHIFT)) {
        space_renew(u, s);
    }
}

void space_drop_chunk(struct mmu *u, struct space *s, uint32_t chunk)
{
    for (unsigned user = 0; user < 2; user++) {
        for (unsigned half = 0; half < 2; half++) {
            if (bit_get(s->shadow[user].dirty[half], chunk)) {
                clear_chunk(&s->shadow[user], half, chunk);
            }
        }
    }
    if (bit_get(s->noted_chunks, chunk)) {
        space_renew(u, s);
    }
}

/* ---- which linear pages have an entry to a physical page ---- */

/* In every space: the same address often means the same page (a kernel's). */
static void drop_mapping(struct mmu *u, enum shadow_half half, phys_addr_t phys, linear_addr_t a)
{
    struct physmem_page p = physmem_lookup(u->pm, phys);
    uintptr_t distance = (half == SHADOW_READS ? (uintptr_t)p.read : (uintptr_t)p.write) - a;

    for (unsigned n = 0; n < u->shadows->space_count; n++) {
        for (unsigned user = 0; user < 2; user++) {
            struct shadow *s = &u->shadows->spaces[n]->shadow[user];

            if (bit_get(s->dirty[half], CHUNK_OF(a)) &&
                half_table(s, half)[a >> PAGE_SHIFT] == distance) {
                half_table(s, half)[a >> PAGE_SHIFT] = 0;
            }
        }
    }
}

void mappings_add(struct mmu *u, enum shadow_half half, phys_addr_t phys, linear_addr_t a)
{
    struct mappings *m = &u->shadows->mappings[half][phys >> PAGE_SHIFT];
    uint32_t page = a >> PAGE_SHIFT;
    unsigned n;

    for (n = 0; n < MAPPINGS && m->page[n]; n++) {
        if (m->page[n] == page + 1) {
            return;
        }
    }
    if (n == MAPPINGS) { /* one of them has to fill again */
        n = page & (MAPPINGS - 1);
        drop_mapping(u, half, phys, (m->page[n] - 1) << PAGE_SHIFT);
    }
    m->page[n] = page + 1;
}

static void mappings_drop(struct mmu *u, enum shadow_half half, phys_addr_t phys)
{
    struct mappings *m = &u->shadows->mappings[half][phys >> PAGE_SHIFT];

    for (unsigned n = 0; n < MAPPINGS && m->page[n]; n++) {
        drop_mapping(u, half, phys, (m->page[n] - 1) << PAGE_SHIFT);
    }
    *m = (struct mappings){0};
}

/* Where it is no longer traced, the next access enters it. */
void mmu_trace_changed(struct mmu *u, phys_addr_t phys)
{
    unsigned trace = physmem_traced(u->pm, phys);

    if (trace) {
        mappings_drop(u, SHADOW_WRITES, phys);
    }
    if (trace & TRACE_CODE) {
        mappings_drop(u, SHADOW_READS, phys);
    }
}
