/* SPDX-License-Identifier: MIT */
/*
 * Linear address -> memory. The only header of this folder that the CPU and the translator use.
 *
 * The MMU is told CR0, CR3, CR4 and the privilege; it knows no CPU. Every access goes through one
 * of two software TLBs (supervisor, user). An entry exists only if the guest's page tables allow
 * that access right now: A is set for a read entry, A and D for a write entry. This is the contract
 * of the shadow page tables too, so they can take the TLB's place behind the same functions.
 *
 * Accesses that fault call mmu->fault(), which does not return. An access that crosses a page is
 * checked on both pages before memory changes. SDM volume 3A chapter 4.
 */
#ifndef MMU_MMU_H
#define MMU_MMU_H

#include "base/endian.h"
#include "base/physmem.h"
#include "base/types.h"

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)

#define CR4_VME        (1u << 0)
#define CR4_PVI        (1u << 1)
#define CR4_TSD        (1u << 2)
#define CR4_DE         (1u << 3)
#define CR4_PSE        (1u << 4)
#define CR4_PAE        (1u << 5)
#define CR4_MCE        (1u << 6)
#define CR4_PGE        (1u << 7)
#define CR4_PCE        (1u << 8)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)

#define PTE_P  (1u << 0)
#define PTE_RW (1u << 1)
#define PTE_US (1u << 2)
#define PTE_A  (1u << 5)
#define PTE_D  (1u << 6)
#define PTE_PS (1u << 7)
#define PTE_G  (1u << 8)

/* Page-fault error code. */
#define PF_P    (1u << 0) /* protection, not a missing page */
#define PF_W    (1u << 1)
#define PF_U    (1u << 2)
#define PF_RSVD (1u << 3)
#define PF_I    (1u << 4)

enum mmu_access { MMU_READ, MMU_WRITE, MMU_EXEC };

#define TLB_BITS 10
#define TLB_SIZE (1u << TLB_BITS)
/* Low bits of a tag; a fast-path hit has none of them. */
#define TLB_SLOW                                                                     \
    1u /* the translation holds, but the access must be dispatched: device or traced \
        */
#define TLB_INVALID 2u

/* Flags of an entry. */
#define TLB_GLOBAL 1u /* survives a CR3 load */
#define TLB_LISTED 2u /* its index is in struct mmu's filled[] */
#define TLB_LARGE  4u /* part of a 2 or 4 MiB page */

struct tlb_entry {
    uint32_t read_tag, write_tag, exec_tag; /* linear page | TLB_* */
    uint32_t flags;                         /* TLB_* below */
    phys_addr_t phys;                       /* physical page, A20 applied */
    uintptr_t addend;                       /* host address = linear + addend */
};

struct mmu {
    uint32_t cr0, cr3, cr4;
    bool nx;           /* EFER.NXE */
    bool user;         /* CPL 3: which TLB plain accesses use */
    bool pse36;        /* 4 MiB pages have address bits 32-35 */
    uint64_t pdpte[4]; /* PAE: loaded with CR3 */

    /* Not saved: rebuilt from the above and guest memory. */
    struct physmem *pm;
    struct tlb_entry *tlb; /* tlbs[user] */
    struct tlb_entry tlbs[2][TLB_SIZE];
    uint16_t filled[2][TLB_SIZE]; /* indexes of entries in use, so that a flush visits no others */
    unsigned filled_count[2];
    uint8_t large[256]; /* bit per 2 MiB: TLB_LARGE entries exist there */
    phys_addr_t low_ram,
        high_ram;        /* bytes from 0, and from 1 MiB, that are RAM with no region over it */
    uint32_t generation; /* changes with every flush: cached code mappings compare it */
    void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code); /* does not return */
    void *opaque;
};

void mmu_init(struct mmu *u, struct physmem *pm,
              void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code), void *opaque);
/* Any of the control registers changed; flushes as the manual says (global pages stay on a CR3
 * load). */
/* false: PAE is on and a PDPTE has a reserved bit set (#GP); nothing changed. */
bool mmu_set_cr0(struct mmu *u, uint32_t cr0);
bool mmu_set_cr3(struct mmu *u, uint32_t cr3);
bool mmu_set_cr4(struct mmu *u, uint32_t cr4);
void mmu_set_nx(struct mmu *u, bool on);
void mmu_set_user(struct mmu *u, bool user);
void mmu_flush(struct mmu *u); /* all, global pages too */
void mmu_invlpg(struct mmu *u, linear_addr_t addr);

/* pm->trace changed for that physical page: the next store to it is looked at afresh. */
void mmu_trace_changed(struct mmu *u, phys_addr_t page);

/*
 * The walk, pure: no A/D update, no fault. Returns true and the physical address, or false and the
 * error code. For debuggers and INT 15h-like services.
 */
bool mmu_probe(struct mmu *u, linear_addr_t addr, enum mmu_access access, bool user,
               phys_addr_t *phys, uint32_t *error_code);

/* Slow paths: TLB miss, page crossing, device, traced page. size 1, 2, 4 (8 for the *64 ones). */
uint32_t mmu_load_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user);
void mmu_store_slow(struct mmu *u, linear_addr_t a, uint32_t v, unsigned size, bool user);
/* Faults as a write would, on every page of the access, and changes nothing (A and D bits apart).
 */
void mmu_check_write_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user);
void mmu_check_read_slow(struct mmu *u, linear_addr_t a, unsigned size, bool user);

/*
 * Code: the host bytes of the page at `a` for the current privilege, and its physical page. Faults
 * if the page may not be executed. NULL: the page is a device's; fetch byte by byte with
 * physmem_load().
 */
const uint8_t *mmu_fetch_page(struct mmu *u, linear_addr_t a, phys_addr_t *phys);

/*
 * A span for block moves: host pointer to `a` and how many bytes up to the page's end may be
 * accessed directly, or NULL when the slow path must see each access (device, traced, not mapped;
 * never faults).
 */
uint8_t *mmu_span(struct mmu *u, linear_addr_t a, enum mmu_access access, uint32_t *bytes);

static inline struct tlb_entry *mmu_entry(struct mmu *u, linear_addr_t a)
{
    return &u->tlb[a >> PAGE_SHIFT & (TLB_SIZE - 1)];
}

/* The entry is found by the first byte and compared with the last: a crossing access misses. */
#define MMU_HIT(e, tag, a, size) LIKELY((((a) + (size)-1) & ~PAGE_MASK) == (e)->tag)
#define MMU_HOST(e, a)           ((void *)((e)->addend + (a)))

#define MMU_ACCESS(bits)                                                                       \
    static inline uint##bits##_t mmu_load##bits(struct mmu *u, linear_addr_t a)                \
    {                                                                                          \
        struct tlb_entry *e = mmu_entry(u, a);                                                 \
                                                                                               \
        if (MMU_HIT(e, read_tag, a, bits / 8)) {                                               \
            return load_le##bits(MMU_HOST(e, a));                                              \
        }                                                                                      \
        return (uint##bits##_t)mmu_load_slow(u, a, bits / 8, u->user);                         \
    }                                                                                          \
    static inline void mmu_store##bits(struct mmu *u, linear_addr_t a, uint##bits##_t v)       \
    {                                                                                          \
        struct tlb_entry *e = mmu_entry(u, a);                                                 \
                                                                                               \
        if (MMU_HIT(e, write_tag, a, bits / 8)) {                                              \
            store_le##bits(MMU_HOST(e, a), v);                                                 \
        } else {                                                                               \
            mmu_store_slow(u, a, v, bits / 8, u->user);                                        \
        }                                                                                      \
    }                                                                                          \
    /* Supervisor accesses the CPU makes on its own: descriptor tables, TSS, inner stacks. */  \
    static inline uint##bits##_t mmu_load##bits##_sys(struct mmu *u, linear_addr_t a)          \
    {                                                                                          \
        return (uint##bits##_t)mmu_load_slow(u, a, bits / 8, false);                           \
    }                                                                                          \
    static inline void mmu_store##bits##_sys(struct mmu *u, linear_addr_t a, uint##bits##_t v) \
    {                                                                                          \
        mmu_store_slow(u, a, v, bits / 8, false);                                              \
    }

MMU_ACCESS(8)
MMU_ACCESS(16)
MMU_ACCESS(32)

/* Before a read-modify-write loads: the fault must say "write" and leave everything untouched. */
static inline void mmu_check_write(struct mmu *u, linear_addr_t a, unsigned size)
{
    struct tlb_entry *e = mmu_entry(u, a);

    if (!MMU_HIT(e, write_tag, a, size)) {
        mmu_check_write_slow(u, a, size, u->user);
    }
}

/* Larger operands (x87, SSE): every byte is checked before the first is moved. size <= 4096. */
void mmu_load_bytes(struct mmu *u, linear_addr_t a, void *buf, unsigned size);
void mmu_store_bytes(struct mmu *u, linear_addr_t a, const void *buf, unsigned size);

#endif
