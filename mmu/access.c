/* SPDX-License-Identifier: MIT */
/*
 * Slow loads and stores: no entry in the shadow, page crossings, devices, traced pages, ROM.
 *
 * An access that crosses a page is translated on both pages, the lower one first, before a byte
 * moves.
 */
#include "mmu/shadow.h"

static bool crosses(linear_addr_t a, unsigned size)
{
    return (a & PAGE_MASK) + size > PAGE_SIZE;
}

/* size 1, 2 or 4, or 3 for a part of a crossing access. */
static uint32_t host_load(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1: return *p;
    case 2: return load_le16(p);
    case 3: return load_le16(p) | (uint32_t)p[2] << 16;
    default: return load_le32(p);
    }
}

static void host_store(uint8_t *p, uint32_t v, unsigned size)
{
    switch (size) {
    case 1: *p = (uint8_t)v; break;
    case 2: store_le16(p, (uint16_t)v); break;
    case 3:
        store_le16(p, (uint16_t)v);
        p[2] = (uint8_t)(v >> 16);
        break;
    default: store_le32(p, v); break;
    }
}

/* What the dispatch cache knows: NULL if the access has to be looked at by a walk. */
static const struct dispatch *remembered(struct mmu *u, linear_addr_t a, enum mmu_access access,
                                         bool user)
{
    const struct dispatch *d = dispatch_entry(u, a);
    uint32_t right = access == MMU_READ    ? DISPATCH_R
                     : access == MMU_WRITE ? DISPATCH_W
                                           : DISPATCH_X;

    if (((d->tag ^ a) & ~PAGE_MASK) || d->generation != u->generation || !(d->tag & right) ||
        !(d->tag & DISPATCH_USER) != !user) {
        return NULL;
    }
    if (access == MMU_WRITE && d->host && !physmem_traced(u->pm, d->phys)) {
        return NULL; /* no longer traced: it can have an entry, unless it is ROM */
    }
    if (access == MMU_READ && d->host && !shadow_code_at(u, d->phys)) {
        return NULL; /* the same for code */
    }
    return d;
}

/* An access within one page. The place is a copy: a device's callback may change everything. */
static struct place find(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user)
{
    uintptr_t distance =
        u->tables[user][(access == MMU_WRITE ? SHADOW_WRITE : 0) + (a >> PAGE_SHIFT)];
    const struct dispatch *d;

    if (LIKELY(distance)) {
        return (struct place){.host = (uint8_t *)(distance + a)};
    }
    d = remembered(u, a, access, user);
    if (d) {
        return (struct place){.phys = d->phys | (a & PAGE_MASK)};
    }
    return shadow_fill(u, a, access, user);
}

static uint32_t place_load(struct mmu *u, const struct place *p, unsigned size)
{
    if (LIKELY(p->host)) {
        return host_load(p->host, size);
    }
    if (size == 3) {
        return physmem_load(u->pm, p->phys, 1) | physmem_load(u->pm, p->phys + 1, 1) << 8 |
               physmem_load(u->pm, p->phys + 2, 1) << 16;
    }
    return physmem_load(u->pm, p->phys, size);
}

static void place_store(struct mmu *u, const struct place *p, uint32_t v, unsigned size)
{
    if (LIKELY(p->host)) {
        host_store(p->host, v, size);
    } else if (size == 3) {
        for (unsigned i = 0; i < 3; i++) {
            physmem_store(u->pm, p->phys + i, v >> 8 * i & 0xff, 1);
        }
    } else {
        physmem_store(u->pm, p->phys, v & ~0u >> (32 - 8 * size), size);
    }
}

uint32_t mmu_load_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user)
{
    struct place lo = find(u, a, MMU_READ, user), hi;
    unsigned n;
    uint32_t v;

    if (LIKELY(!crosses(a, size))) {
        return place_load(u, &lo, size);
    }
    n = PAGE_SIZE - (a & PAGE_MASK);
    hi = find(u, a + n, MMU_READ, user);
    v = place_load(u, &lo, n);
    return v | place_load(u, &hi, size - n) << 8 * n;
}

void mmu_store_slow(struct mmu *u, linear_addr_t a, uint32_t v, unsigned size, bool user)
{
    struct place lo = find(u, a, MMU_WRITE, user), hi;
    unsigned n;

    if (LIKELY(!crosses(a, size))) {
        place_store(u, &lo, v, size);
        return;
    }
    n = PAGE_SIZE - (a & PAGE_MASK);
    hi = find(u, a + n, MMU_WRITE, user);
    place_store(u, &lo, v, n);
    place_store(u, &hi, v >> 8 * n, size - n);
}

static void check(struct mmu *u, linear_addr_t a, unsigned size, enum mmu_access access, bool user)
{
    find(u, a, access, user);
    if (crosses(a, size)) {
        find(u, (a + size - 1) & ~PAGE_MASK, access, user);
    }
}

void mmu_check_write_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user)
{
    check(u, a, size, MMU_WRITE, user);
}

void mmu_check_read_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user)
{
    check(u, a, size, MMU_READ, user);
}

static unsigned chunk(unsigned left)
{
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

static void place_load_bytes(struct mmu *u, struct place p, uint8_t *out, unsigned n)
{
    if (p.host) {
        memcpy(out, p.host, n);
        return;
    }
    while (n) {
        unsigned c = chunk(n);

        host_store(out, physmem_load(u->pm, p.phys, c), c);
        p.phys += c;
        out += c;
        n -= c;
    }
}

static void place_store_bytes(struct mmu *u, struct place p, const uint8_t *in, unsigned n)
{
    if (p.host) {
        memcpy(p.host, in, n);
        return;
    }
    while (n) {
        unsigned c = chunk(n);

        physmem_store(u->pm, p.phys, host_load(in, c), c);
        p.phys += c;
        in += c;
        n -= c;
    }
}

void mmu_load_bytes(struct mmu *u, linear_addr_t a, void *buf, unsigned size)
{
    struct place lo = find(u, a, MMU_READ, u->user), hi;
    unsigned n = size;

    if (crosses(a, size)) {
        n = PAGE_SIZE - (a & PAGE_MASK);
        hi = find(u, a + n, MMU_READ, u->user);
        place_load_bytes(u, hi, (uint8_t *)buf + n, size - n);
    }
    place_load_bytes(u, lo, buf, n);
}

void mmu_store_bytes(struct mmu *u, linear_addr_t a, const void *buf, unsigned size)
{
    struct place lo = find(u, a, MMU_WRITE, u->user), hi;
    unsigned n = size;

    if (crosses(a, size)) {
        n = PAGE_SIZE - (a & PAGE_MASK);
        hi = find(u, a + n, MMU_WRITE, u->user);
        place_store_bytes(u, hi, (const uint8_t *)buf + n, size - n);
    }
    place_store_bytes(u, lo, buf, n);
}

const uint8_t *mmu_fetch_page(struct mmu *u, linear_addr_t a, phys_addr_t *phys)
{
    uintptr_t distance = u->table[a >> PAGE_SHIFT], offset;
    const struct dispatch *d;

    if (LIKELY(distance)) {
        offset = distance + (a & ~PAGE_MASK) - (uintptr_t)u->pm->ram;
        if (LIKELY(offset < u->pm->ram_size) &&
            (!u->nx || physmem_traced(u->pm, (phys_addr_t)offset) & TRACE_CODE)) {
            *phys = (phys_addr_t)offset;
            space_note(u->shadows->space, a);
            return u->pm->ram + offset;
        }
    }
    d = remembered(u, a, MMU_EXEC, u->user);
    if (!d) {
        shadow_fill(u, a, MMU_EXEC, u->user);
        d = dispatch_entry(u, a);
    }
    *phys = d->phys;
    return d->host;
}

uint8_t *mmu_span(struct mmu *u, linear_addr_t a, enum mmu_access access, uint32_t *bytes)
{
    *bytes = PAGE_SIZE - (a & PAGE_MASK);
    return access == MMU_WRITE ? mmu_host_write(u, a, 1) : mmu_host_read(u, a, 1);
}
