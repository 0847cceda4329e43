/* SPDX-License-Identifier: MIT */
/*
 * Two direct-mapped software TLBs, supervisor and user. An entry is filled by one walk and holds
 * every access that the walk allows; a write entry waits for the first write, which sets D. A flush
 * visits only the entries in use, so that a CR3 load costs what the address space before it
 * touched.
 */
#include "mmu/tlb.h"

#include "base/log.h"
#include "mmu/walk.h"

static void entry_invalidate(struct tlb_entry *e)
{
    e->read_tag = e->write_tag = e->exec_tag = TLB_INVALID;
}

/* How much RAM can be reached without asking physmem: up to the first region over it. */
static void find_plain_ram(struct mmu *u)
{
    const struct physmem *pm = u->pm;
    phys_addr_t low = pm->ram_size < 0xa0000 ? pm->ram_size : 0xa0000, high = pm->ram_size;

    for (unsigned i = 0; i < pm->region_count; i++) {
        const struct physmem_region *r = &pm->region[i];

        if (!r->enabled) {
            continue;
        }
        if (r->base < low) {
            low = r->base;
        }
        if (r->base + r->size > 0x100000 && r->base < high) {
            high = r->base < 0x100000 ? 0x100000 : r->base;
        }
    }
    u->low_ram = low;
    u->high_ram = high > 0x100000 ? high - 0x100000 : 0;
}

static void flush(struct mmu *u, bool keep_global)
{
    for (unsigned user = 0; user < 2; user++) {
        unsigned kept = 0;

        for (unsigned i = 0; i < u->filled_count[user]; i++) {
            uint16_t index = u->filled[user][i];
            struct tlb_entry *e = &u->tlbs[user][index];

            if (keep_global && (e->flags & TLB_GLOBAL)) {
                u->filled[user][kept++] = index;
            } else {
                entry_invalidate(e);
                e->flags = 0;
            }
        }
        u->filled_count[user] = kept;
    }
    if (!keep_global) {
        memset(u->large, 0, sizeof(u->large));
    }
    u->generation++;
}

void mmu_flush(struct mmu *u)
{
    flush(u, false);
    find_plain_ram(u);
}

void mmu_init(struct mmu *u, struct physmem *pm,
              void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code), void *opaque)
{
    memset(u, 0, sizeof(*u));
    u->pm = pm;
    u->fault = fault;
    u->opaque = opaque;
    u->tlb = u->tlbs[0];
    for (unsigned i = 0; i < TLB_SIZE; i++) {
        entry_invalidate(&u->tlbs[0][i]);
        entry_invalidate(&u->tlbs[1][i]);
    }
    mmu_flush(u);
}

static bool pae_in_use(uint32_t cr0, uint32_t cr4)
{
    return (cr0 & CR0_PG) && (cr4 & CR4_PAE);
}

/* The page-directory pointers are read when PAE paging begins and when CR3 is loaded under it. */
static bool reload_pdptes(struct mmu *u, uint32_t cr3)
{
    uint64_t pdpte[4];

    if (!walk_load_pdptes(u, cr3, pdpte)) {
        return false;
    }
    memcpy(u->pdpte, pdpte, sizeof(pdpte));
    return true;
}

bool mmu_set_cr0(struct mmu *u, uint32_t cr0)
{
    uint32_t change = u->cr0 ^ cr0;

    if (pae_in_use(cr0, u->cr4) && (change & (CR0_PG | CR0_CD | CR0_NW)) &&
        !reload_pdptes(u, u->cr3)) {
        return false;
    }
    u->cr0 = cr0;
    if (change & (CR0_PG | CR0_WP | CR0_PE)) {
        flush(u, false);
    }
    return true;
}

bool mmu_set_cr3(struct mmu *u, uint32_t cr3)
{
    if (pae_in_use(u->cr0, u->cr4) && !reload_pdptes(u, cr3)) {
        return false;
    }
    u->cr3 = cr3;
    if (u->cr0 & CR0_PG) {
        flush(u, u->cr4 & CR4_PGE);
    }
    return true;
}

bool mmu_set_cr4(struct mmu *u, uint32_t cr4)
{
    uint32_t change = u->cr4 ^ cr4;

    if (pae_in_use(u->cr0, cr4) && (change & (CR4_PAE | CR4_PSE | CR4_PGE)) &&
        !reload_pdptes(u, u->cr3)) {
        return false;
    }
    u->cr4 = cr4;
    if (change & (CR4_PAE | CR4_PSE | CR4_PGE)) {
        flush(u, false);
    }
    return true;
}

void mmu_set_nx(struct mmu *u, bool on)
{
    if (u->nx != on) {
        u->nx = on;
        flush(u, false);
    }
}

void mmu_set_user(struct mmu *u, bool user)
{
    u->user = user;
    u->tlb = u->tlbs[user];
}

void mmu_invlpg(struct mmu *u, linear_addr_t addr)
{
    for (unsigned user = 0; user < 2; user++) {
        struct tlb_entry *e = &u->tlbs[user][addr >> PAGE_SHIFT & (TLB_SIZE - 1)];

        if (((e->read_tag & ~TLB_SLOW) == (addr & ~PAGE_MASK)) ||
            ((e->exec_tag & ~TLB_SLOW) == (addr & ~PAGE_MASK))) {
            entry_invalidate(e);
        }
        if (!(u->large[addr >> 24] >> (addr >> 21 & 7) & 1)) {
            continue;
        }
        for (unsigned i = 0; i < u->filled_count[user]; i++) {
            e = &u->tlbs[user][u->filled[user][i]];
            if ((e->flags & TLB_LARGE) && ((e->read_tag ^ addr) & 0xffc00000) == 0) {
                entry_invalidate(e);
            }
        }
    }
    u->generation++;
}

void mmu_trace_changed(struct mmu *u, phys_addr_t page)
{
    for (unsigned user = 0; user < 2; user++) {
        for (unsigned i = 0; i < u->filled_count[user]; i++) {
            struct tlb_entry *e = &u->tlbs[user][u->filled[user][i]];

            if (e->phys == page) {
                e->write_tag = TLB_INVALID;
            }
        }
    }
}

_Noreturn static void fault(struct mmu *u, linear_addr_t a, uint32_t error)
{
    log_guest(MMU, "page fault at %08x, code %x, cr3 %08x", a, error, u->cr3);
    u->fault(u->opaque, a, error);
    __builtin_unreachable();
}

/* Read, write and exec tags: which of them the walk allows, and which must be dispatched. */
static void set_tags(struct mmu *u, struct tlb_entry *e, linear_addr_t page, const struct walk *w,
                     bool user)
{
    uint8_t *read, *write;

    if (LIKELY(walk_is_ram(u, e->phys))) {
        read = write = u->pm->ram + e->phys;
    } else {
        struct physmem_page p = physmem_lookup(u->pm, e->phys);

        read = p.read;
        write = p.write;
    }
    if (e->phys < u->pm->ram_size && u->pm->trace[e->phys >> PAGE_SHIFT]) {
        write = NULL;
    }
    e->addend = (uintptr_t)read - page;
    e->read_tag = page | (read ? 0 : TLB_SLOW);
    e->exec_tag = walk_allows(u, w, MMU_EXEC, user) ? e->read_tag : TLB_INVALID;
    e->write_tag = TLB_INVALID;
    if ((w->value[1] & PTE_D) && walk_allows(u, w, MMU_WRITE, user)) {
        e->write_tag = page | (write ? 0 : TLB_SLOW);
    }
}

struct tlb_entry *tlb_fill(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user)
{
    linear_addr_t page = a & ~PAGE_MASK;
    unsigned index = a >> PAGE_SHIFT & (TLB_SIZE - 1);
    struct tlb_entry *e = &u->tlbs[user][index];
    struct walk w;
    uint32_t error, flags = TLB_LISTED;

    if (!walk_tables(u, a, &w, &error)) {
        entry_invalidate(e); /* what is cached of the page is stale as well */
        fault(u, a, error | walk_error(u, access, user));
    }
    if (!walk_allows(u, &w, access, user)) {
        fault(u, a, PF_P | walk_error(u, access, user));
    }
    walk_mark(u, &w, access == MMU_WRITE);

    if (w.levels == 1) {
        unsigned bits = u->cr4 & CR4_PAE ? 1 : 3; /* both halves of a 4 MiB page */

        flags |= TLB_LARGE;
        u->large[a >> 24] |= (uint8_t)(bits << (a >> 21 & (bits == 1 ? 7 : 6)));
    }
    if (w.levels && (w.value[1] & PTE_G) && (u->cr4 & CR4_PGE)) {
        flags |= TLB_GLOBAL;
    }
    if (!(e->flags & TLB_LISTED)) {
        u->filled[user][u->filled_count[user]++] = (uint16_t)index;
    }
    e->flags = flags;
    e->phys = physmem_a20(u->pm, w.phys) & ~(phys_addr_t)PAGE_MASK;
    set_tags(u, e, page, &w, user);
    return e;
}
