/* SPDX-License-Identifier: MIT */
/*
 * What the CPU tells the MMU: control registers, privilege, INVLPG. Most of it names another space.
 */
#include "mmu/mmu.h"

#include "mmu/shadow.h"

void mmu_init(struct mmu *u, struct physmem *pm,
              void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code), void *opaque)
{
    memset(u, 0, sizeof(*u));
    u->pm = pm;
    u->fault = fault;
    u->opaque = opaque;
    spaces_init(u);
}

void mmu_destroy(struct mmu *u)
{
    spaces_destroy(u);
}

void mmu_flush(struct mmu *u)
{
    spaces_clear(u);
    space_select(u);
}

void mmu_memory_changed(struct mmu *u, bool contents)
{
    if (contents) {
        spaces_clear(u);
    }
    space_select(u);
}

const struct mmu_stats *mmu_get_stats(struct mmu *u)
{
    struct shadows *sh = u->shadows;

    sh->stats.kept = 0;
    for (unsigned n = 0; n < sh->space_count; n++) {
        sh->stats.kept += sh->key_hash[n] != 0;
    }
    sh->stats.tables = sh->tables_used;
    sh->stats.memory = (uint64_t)sh->resident * SHADOW_CHUNK * sizeof(uintptr_t);
    return &sh->stats;
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
    if (change & (CR0_PG | CR0_WP)) {
        space_select(u);
    }
    return true;
}

bool mmu_set_cr3(struct mmu *u, uint32_t cr3)
{
    if (pae_in_use(u->cr0, u->cr4) && !reload_pdptes(u, cr3)) {
        return false;
    }
    u->cr3 = cr3;
    space_select(u);
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
        space_select(u);
    }
    return true;
}

void mmu_set_nx(struct mmu *u, bool on)
{
    if (u->nx != on) {
        u->nx = on;
        space_select(u);
    }
}

void mmu_set_user(struct mmu *u, bool user)
{
    u->user = user;
    u->table = u->tables[user];
}

/* What can be traced is never stale. */
void mmu_invlpg(struct mmu *u, linear_addr_t addr)
{
    (void)addr;
    if (u->shadows->space->untracked) {
        space_clear(u, u->shadows->space);
    }
}
