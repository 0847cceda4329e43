/* SPDX-License-Identifier: MIT */
/*
 * Page-table walk: two levels, 4 MiB pages (PSE, PSE-36), PAE with NX. SDM volume 3A chapter 4.
 *
 * Table entries are read from physical memory with A20 applied, as the bus would. A and D are set
 * only once the whole translation is known to be allowed. Not modelled: cache attributes.
 */
#include "mmu/walk.h"

#define PHYS_BITS      36
#define PAE_ADDRESS    (((1ull << PHYS_BITS) - 1) & ~(uint64_t)PAGE_MASK)
#define PAE_RESERVED   (0x7fffffffffffffffull & ~((1ull << PHYS_BITS) - 1))
#define PAE_NX         (1ull << 63)
#define PDPTE_RESERVED (0xffffffffffffffffull & ~((1ull << PHYS_BITS) - 1) | 0x1e6)

static uint32_t table_load(struct mmu *u, phys_addr_t a)
{
    a = physmem_a20(u->pm, a);
    if (LIKELY(physmem_is_ram(u->pm, a))) {
        return load_le32(u->pm->ram + a);
    }
    return physmem_load(u->pm, a, 4);
}

static uint64_t table_load64(struct mmu *u, phys_addr_t a)
{
    return table_load(u, a) | (uint64_t)table_load(u, a + 4) << 32;
}

static bool walk_two_levels(struct mmu *u, linear_addr_t a, struct walk *w, uint32_t *error)
{
    uint32_t pde, pte;

    w->entry[0] = (u->cr3 & ~PAGE_MASK) + (a >> 22) * 4;
    pde = w->value[0] = table_load(u, w->entry[0]);
    if (!(pde & PTE_P)) {
        *error = 0;
        return false;
    }
    if ((pde & PTE_PS) && (u->cr4 & CR4_PSE)) {
        if (pde & (u->pse36 ? 0x003e0000 : 0x003fe000)) {
            *error = PF_P | PF_RSVD;
            return false;
        }
        w->levels = 1;
        w->value[1] = pde;
        w->rights = pde & (PTE_RW | PTE_US);
        w->phys = (pde & 0xffc00000u) | (a & 0x003fffffu) | (phys_addr_t)(pde >> 13 & 15) << 32;
        return true;
    }
    w->entry[1] = (pde & ~PAGE_MASK) + (a >> 12 & 1023) * 4;
    pte = w->value[1] = table_load(u, w->entry[1]);
    if (!(pte & PTE_P)) {
        *error = 0;
        return false;
    }
    w->levels = 2;
    w->rights = pde & pte & (PTE_RW | PTE_US);
    w->phys = (pte & ~PAGE_MASK) | (a & PAGE_MASK);
    return true;
}

/* One PAE entry: present, and none of its reserved bits set? */
static bool pae_entry_good(const struct mmu *u, uint64_t e, uint64_t reserved, uint32_t *error)
{
    if (!u->nx) {
        reserved |= PAE_NX;
    }
    *error = e & PTE_P ? PF_P | PF_RSVD : 0;
    return (e & PTE_P) && !(e & reserved);
}

static bool walk_pae(struct mmu *u, linear_addr_t a, struct walk *w, uint32_t *error)
{
    uint64_t pdpte = u->pdpte[a >> 30], pde, pte;

    if (!(pdpte & PTE_P)) {
        *error = 0;
        return false;
    }
    w->entry[0] = (pdpte & PAE_ADDRESS) + (a >> 21 & 511) * 8;
    pde = table_load64(u, w->entry[0]);
    w->value[0] = (uint32_t)pde;
    if (!pae_entry_good(u, pde, PAE_RESERVED | (pde & PTE_PS ? 0x001fe000 : 0), error)) {
        return false;
    }
    w->nx = pde >> 63;
    if (pde & PTE_PS) {
        w->levels = 1;
        w->value[1] = (uint32_t)pde;
        w->rights = (uint32_t)pde & (PTE_RW | PTE_US);
        w->phys = (pde & PAE_ADDRESS & ~0x1fffffull) | (a & 0x1fffffu);
        return true;
    }
    w->entry[1] = (pde & PAE_ADDRESS) + (a >> 12 & 511) * 8;
    pte = table_load64(u, w->entry[1]);
    w->value[1] = (uint32_t)pte;
    if (!pae_entry_good(u, pte, PAE_RESERVED, error)) {
        return false;
    }
    w->nx = w->nx || pte >> 63;
    w->levels = 2;
    w->rights = (uint32_t)(pde & pte) & (PTE_RW | PTE_US);
    w->phys = (pte & PAE_ADDRESS) | (a & PAGE_MASK);
    return true;
}

bool walk_tables(struct mmu *u, linear_addr_t a, struct walk *w, uint32_t *error)
{
    w->nx = false;
    if (!(u->cr0 & CR0_PG)) {
        w->phys = a;
        w->levels = 0;
        w->rights = PTE_RW | PTE_US;
        w->value[0] = w->value[1] = PTE_D;
        return true;
    }
    return u->cr4 & CR4_PAE ? walk_pae(u, a, w, error) : walk_two_levels(u, a, w, error);
}

bool walk_allows(const struct mmu *u, const struct walk *w, enum mmu_access access, bool user)
{
    if (user && !(w->rights & PTE_US)) {
        return false;
    }
    if (access == MMU_WRITE) {
        return (w->rights & PTE_RW) || !(user || (u->cr0 & CR0_WP));
    }
    return !(access == MMU_EXEC && w->nx);
}

void walk_mark(struct mmu *u, struct walk *w, bool write)
{
    for (unsigned i = 0; i < w->levels; i++) {
        uint32_t want = PTE_A | (write && i + 1 == w->levels ? PTE_D : 0);

        if ((w->value[i] & want) != want) {
            w->value[i] |= want;
            physmem_store_as(u->pm, TRACE_PAGE_TABLE, physmem_a20(u->pm, w->entry[i]), w->value[i]);
        }
    }
    if (w->levels == 1) {
        w->value[1] = w->value[0];
    }
}

uint32_t walk_error(const struct mmu *u, enum mmu_access access, bool user)
{
    return (access == MMU_WRITE ? PF_W : 0) | (user ? PF_U : 0) |
           (access == MMU_EXEC && u->nx && (u->cr4 & CR4_PAE) ? PF_I : 0);
}

bool walk_load_pdptes(struct mmu *u, uint32_t cr3, uint64_t pdpte[4])
{
    for (unsigned i = 0; i < 4; i++) {
        pdpte[i] = table_load64(u, (cr3 & ~31u) + i * 8);
        if ((pdpte[i] & PTE_P) && (pdpte[i] & PDPTE_RESERVED)) {
            return false;
        }
    }
    return true;
}

bool mmu_probe(struct mmu *u, linear_addr_t addr, enum mmu_access access, bool user,
               phys_addr_t *phys, uint32_t *error_code)
{
    struct walk w;
    uint32_t error = 0;

    if (walk_tables(u, addr, &w, &error)) {
        if (walk_allows(u, &w, access, user)) {
            *phys = physmem_a20(u->pm, w.phys);
            return true;
        }
        error = PF_P;
    }
    *error_code = error | walk_error(u, access, user);
    return false;
}
