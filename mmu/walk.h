/* SPDX-License-Identifier: MIT */
/*
 * The page-table walk: what the guest's tables say about one linear address. Private to mmu/.
 */
#ifndef MMU_WALK_H
#define MMU_WALK_H

#include "mmu/mmu.h"

struct walk {
    phys_addr_t phys;     /* of the byte; A20 not applied */
    phys_addr_t entry[2]; /* directory entry, table entry: where A and D live */
    uint32_t value[2];    /* their low halves; [1] is [0] for a large page */
    unsigned levels;      /* entries that were used: 0 without paging, 1 for a large page, 2 */
    uint32_t rights;      /* PTE_RW and PTE_US, granted by every level */
    bool nx;
};

/* false: not present or a reserved bit is set; *error has PF_P and PF_RSVD accordingly. */
bool walk_tables(struct mmu *u, linear_addr_t a, struct walk *w, uint32_t *error);
/* May this access be made? CR0.WP, U/S, R/W, NX. */
bool walk_allows(const struct mmu *u, const struct walk *w, enum mmu_access access, bool user);
/* Sets A, and D for a write, where they are clear. */
void walk_mark(struct mmu *u, struct walk *w, bool write);
/* The part of the error code that the access itself gives. */
uint32_t walk_error(const struct mmu *u, enum mmu_access access, bool user);
/* Reads the four page-directory pointers at CR3; false if a present one has a reserved bit set. */
bool walk_load_pdptes(struct mmu *u, uint32_t cr3, uint64_t pdpte[4]);

#endif
