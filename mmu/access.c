/* SPDX-License-Identifier: MIT */
/*
 * Slow loads and stores: TLB misses, page crossings, devices, traced pages, ROM.
 *
 * An access that crosses a page is translated on both pages, the lower one first, before a byte
 * moves.
 */
#include "mmu/tlb.h"
#include "mmu/walk.h"

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

/* Where an access within one page goes: taken out of the TLB, which a device's callback may flush.
 */
struct place {
    uint8_t *host; /* NULL: dispatch to phys */
    phys_addr_t phys;
};

static struct place find(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user)
{
    struct tlb_entry *e = tlb_lookup(u, a, access, user);

    if (UNLIKELY(access == MMU_WRITE && (e->write_tag & TLB_SLOW)) && walk_is_ram(u, e->phys) &&
        !u->pm->trace[e->phys >> PAGE_SHIFT]) {
        e->write_tag &= ~TLB_SLOW; /* no longer traced */
    }
    return (struct place){
        .host = tlb_tag(e, access) & TLB_SLOW ? NULL : (uint8_t *)MMU_HOST(e, a),
        .phys = e->phys | (a & PAGE_MASK),
    };
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
    tlb_lookup(u, a, access, user);
    if (crosses(a, size)) {
        tlb_lookup(u, (a + size - 1) & ~PAGE_MASK, access, user);
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
    const struct tlb_entry *e = tlb_lookup(u, a, MMU_EXEC, u->user);

    *phys = e->phys;
    return e->exec_tag & TLB_SLOW ? NULL : (const uint8_t *)MMU_HOST(e, a & ~PAGE_MASK);
}

uint8_t *mmu_span(struct mmu *u, linear_addr_t a, enum mmu_access access, uint32_t *bytes)
{
    const struct tlb_entry *e = mmu_entry(u, a);

    if (tlb_tag(e, access) != (a & ~PAGE_MASK)) {
        return NULL;
    }
    *bytes = PAGE_SIZE - (a & PAGE_MASK);
    return (uint8_t *)MMU_HOST(e, a);
}
