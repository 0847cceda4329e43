/* SPDX-License-Identifier: MIT */
/*
 * Looks at every entry of every shadow and compares it with a walk of the guest's tables.
 */
#ifndef TESTS_UNIT_MMU_SHADOW_CHECK_H
#define TESTS_UNIT_MMU_SHADOW_CHECK_H

#include <stdio.h>

#include "mmu/shadow.h"

/* An MMU that walks as the space's key says. It has no shadows of its own. */
static inline struct mmu walker_of(const struct mmu *u, const struct space *s)
{
    struct mmu v = {.pm = u->pm, .pse36 = u->pse36};

    v.cr0 = CR0_PE | (s->key.mode & KEY_PG ? CR0_PG : 0) | (s->key.mode & KEY_WP ? CR0_WP : 0);
    v.cr4 = (s->key.mode & KEY_PAE ? CR4_PAE : 0) | (s->key.mode & KEY_PSE ? CR4_PSE : 0);
    v.cr3 = (uint32_t)s->key.root[0];
    v.nx = s->key.mode & KEY_NX;
    memcpy(v.pdpte, s->key.root, sizeof(v.pdpte));
    return v;
}

/* What the table should hold for a if it holds anything: 0 if it must hold nothing. */
static inline uintptr_t entry_allowed(struct mmu *v, linear_addr_t a, enum shadow_half half,
                                      bool user)
{
    enum mmu_access access = half == SHADOW_WRITES ? MMU_WRITE : MMU_READ;
    struct physmem_page p;
    struct walk w;
    uint32_t error;
    phys_addr_t phys;

    if (!walk_tables(v, a, &w, &error) || !walk_allows(v, &w, access, user)) {
        return 0;
    }
    for (unsigned i = 0; i < w.levels; i++) {
        if (!(w.value[i] & PTE_A)) {
            return 0;
        }
    }
    phys = physmem_a20(v->pm, w.phys);
    p = physmem_lookup(v->pm, phys);
    if (access == MMU_READ) {
        return p.read && !(w.nx && shadow_code_at(v, phys)) ? (uintptr_t)p.read - a : 0;
    }
    if (!(w.value[1] & PTE_D) || !p.write ||
        (phys < v->pm->ram_size && v->pm->trace[phys >> PAGE_SHIFT])) {
        return 0;
    }
    return (uintptr_t)p.write - a;
}

/* How many entries are wrong; the first is printed. */
static inline unsigned shadow_check(const struct mmu *u)
{
    const struct shadows *sh = u->shadows;
    unsigned wrong = 0;

    for (unsigned n = 0; n < sh->space_count; n++) {
        const struct space *s = sh->spaces[n];
        struct mmu v = walker_of(u, s);
        uint32_t a20 = u->pm->a20_mask;

        u->pm->a20_mask = s->key.mode & KEY_A20 ? ~0u : ~(1u << 20);
        for (unsigned k = 0; k < 4 * SHADOW_CHUNKS; k++) {
            bool user = k & 1;
            enum shadow_half half = k >> 1 & 1;
            unsigned chunk = k >> 2;
            const uintptr_t *t = s->shadow[user].table + (half == SHADOW_WRITES ? SHADOW_WRITE : 0);

            if (!(s->shadow[user].dirty[half][chunk >> 6] >> (chunk & 63) & 1)) {
                continue;
            }
            for (unsigned page = chunk * SHADOW_CHUNK; page < (chunk + 1) * SHADOW_CHUNK; page++) {
                linear_addr_t a = page << PAGE_SHIFT;

                if (t[page] && (!sh->key_hash[n] || t[page] != entry_allowed(&v, a, half, user)) &&
                    !wrong++) {
                    printf("space %u %s %s entry for %08x is wrong\n", n, user ? "user" : "system",
                           half == SHADOW_WRITES ? "write" : "read", a);
                }
            }
        }
        u->pm->a20_mask = a20;
    }
    return wrong;
}

#endif
