/* SPDX-License-Identifier: MIT */
/*
 * What the CPU tells the MMU: control registers, privilege, INVLPG; and what is dropped for it.
 */
#include "mmu/mmu.h"

#include <stdlib.h>

#include "base/log.h"
#include "mmu/shadow.h"
#include "mmu/walk.h"

static void select_tables(struct mmu *u)
{
    struct space *s = u->shadows->space;

    u->tables[0] = s->shadow[0].table;
    u->tables[1] = s->shadow[1].table;
    u->table = u->tables[u->user];
    u->generation = s->generation;
}

void mmu_flush(struct mmu *u)
{
    space_clear(u, u->shadows->space);
}

void mmu_init(struct mmu *u, struct physmem *pm,
              void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code), void *opaque)
{
    memset(u, 0, sizeof(*u));
    u->pm = pm;
    u->fault = fault;
    u->opaque = opaque;
    u->shadows = xcalloc(1, sizeof(*u->shadows));
    u->shadows->writers = xcalloc(pm->ram_size >> PAGE_SHIFT, sizeof(struct writers));
    u->shadows->space = space_new();
    mmu_flush(u);
    select_tables(u);
}

void mmu_destroy(struct mmu *u)
{
    space_free(u->shadows->space);
    free(u->shadows->writers);
    free(u->shadows);
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
        mmu_flush(u);
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
        mmu_flush(u);
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
        mmu_flush(u);
    }
    return true;
}

void mmu_set_nx(struct mmu *u, bool on)
{
    if (u->nx != on) {
        u->nx = on;
        mmu_flush(u);
    }
}

void mmu_set_user(struct mmu *u, bool user)
{
    u->user = user;
    u->table = u->tables[user];
}

void mmu_invlpg(struct mmu *u, linear_addr_t addr)
{
    struct space *s = u->shadows->space;

    if (u->cr4 & (CR4_PSE | CR4_PAE)) { /* it may be a large page */
        space_drop_chunk(u, s, addr & ~0x200000u);
        space_drop_chunk(u, s, addr | 0x200000);
    } else {
        space_drop_page(u, s, addr);
    }
}
