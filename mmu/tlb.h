/* SPDX-License-Identifier: MIT */
/*
 * The software TLBs behind mmu.h. Private to mmu/.
 */
#ifndef MMU_TLB_H
#define MMU_TLB_H

#include "mmu/mmu.h"

/* The entry for a, filled and good for the access; faults if the guest's tables do not allow it. */
struct tlb_entry *tlb_fill(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user);

static inline uint32_t tlb_tag(const struct tlb_entry *e, enum mmu_access access)
{
    return access == MMU_WRITE ? e->write_tag : access == MMU_READ ? e->read_tag : e->exec_tag;
}

static inline struct tlb_entry *tlb_lookup(struct mmu *u, linear_addr_t a, enum mmu_access access,
                                           bool user)
{
    struct tlb_entry *e = &u->tlbs[user][a >> PAGE_SHIFT & (TLB_SIZE - 1)];

    if (LIKELY((tlb_tag(e, access) & ~TLB_SLOW) == (a & ~PAGE_MASK))) {
        return e;
    }
    return tlb_fill(u, a, access, user);
}

#endif
