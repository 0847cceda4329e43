/* SPDX-License-Identifier: MIT */
/*
 * Linear address -> memory. The only header of this folder that the CPU and the translator use.
 *
 * The MMU is told CR0, CR3, CR4 and the privilege; it knows no CPU. Every access goes through a
 * shadow: a flat table, by linear page, of the distance from linear to host address. An entry
 * exists only if the guest's page tables allow that access right now (A is set for a read entry, A
 * and D for a write entry) and the page is plain memory: not a device's, not traced, no ROM for
 * writes. Everything else goes through the slow path. Where a page holds decoded code a read entry
 * says that it may be executed, too.
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

/*
 * A shadow: table[page] is the read distance, table[SHADOW_WRITE + page] the write distance, where
 * host address = distance + linear address. 0: no entry.
 *
 * Translated code rotates the address by log2 of the access's size before the shift, so that a
 * misaligned one finds a part of the table that is always empty; only addresses that are used cost
 * memory. A host with little address space has the valid parts alone, and no translator.
 */
#if UINTPTR_MAX > 0xffffffffu
#define SHADOW_WRITE (1u << 24) /* entries */
#define SHADOW_INDEX(a, log2size) \
    (((a) >> (log2size) | (a) << (-(log2size)&31)) >> (PAGE_SHIFT - (log2size)))
#else
#define SHADOW_WRITE (1u << 20)
#endif

struct mmu {
    uint32_t cr0, cr3, cr4;
    bool nx;           /* EFER.NXE */
    bool user;         /* CPL 3: which shadow plain accesses use */
    bool pse36;        /* 4 MiB pages have address bits 32-35 */
    uint64_t pdpte[4]; /* PAE: loaded with CR3 */

    /* Not saved: rebuilt from the above and guest memory. */
    struct physmem *pm;
    uintptr_t *table;     /* the current shadow: tables[user] */
    uintptr_t *tables[2]; /* of this address space: supervisor, user */
    /* Names the address space and its state: whoever remembers where a page lay compares it. */
    uint32_t generation;
    void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code); /* does not return */
    void *opaque;
    struct shadows *shadows; /* shadow.h */
};

/* Since the start; for a monitor. */
struct mmu_stats {
    uint64_t fills;          /* walks that entered something */
    uint64_t inherited;      /* directory entries whose mappings came from the space before */
    uint64_t switches;       /* of the space */
    uint64_t spaces;         /* new ones */
    uint64_t evictions;      /* spaces dropped to make room */
    uint64_t table_writes;   /* stores, DMA as well, to traced page tables */
    uint64_t tables_dropped; /* table pages that had become data */
    uint64_t flushes;        /* of everything */
    unsigned kept, tables;   /* spaces and table pages now */
    uint64_t memory;         /* bytes of shadow tables now */
};

void mmu_init(struct mmu *u, struct physmem *pm,
              void (*fault)(void *opaque, linear_addr_t addr, uint32_t error_code), void *opaque);
void mmu_destroy(struct mmu *u);
/*
 * A control register changes. Nothing is flushed by it: the shadows never hold what the tables do
 * not say.
 */
/* false: PAE is on and a PDPTE has a reserved bit set (#GP); nothing changed. */
bool mmu_set_cr0(struct mmu *u, uint32_t cr0);
bool mmu_set_cr3(struct mmu *u, uint32_t cr3);
bool mmu_set_cr4(struct mmu *u, uint32_t cr4);
void mmu_set_nx(struct mmu *u, bool on);
void mmu_set_user(struct mmu *u, bool user);
void mmu_flush(struct mmu *u); /* all, global pages too */
void mmu_invlpg(struct mmu *u, linear_addr_t addr);

/* What lies behind physical addresses changed; contents false: it was A20 alone. */
void mmu_memory_changed(struct mmu *u, bool contents);
const struct mmu_stats *mmu_get_stats(struct mmu *u);

/* pm->trace changed for that physical page: the next access to it is looked at afresh. */
void mmu_trace_changed(struct mmu *u, phys_addr_t page);

/*
 * The walk, pure: no A/D update, no fault. Returns true and the physical address, or false and the
 * error code. For debuggers and INT 15h-like services.
 */
bool mmu_probe(struct mmu *u, linear_addr_t addr, enum mmu_access access, bool user,
               phys_addr_t *phys, uint32_t *error_code);

/* Slow paths: no entry, page crossing, device, traced page. size 1, 2, 4 (8 for the *64 ones). */
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

/* Host pointer to n bytes of plain memory within one page, or NULL. */
static inline void *mmu_host_in(const uintptr_t *table, linear_addr_t a, unsigned n)
{
    uintptr_t distance = table[a >> PAGE_SHIFT];

    if (LIKELY(distance) && LIKELY((a & PAGE_MASK) <= PAGE_SIZE - n)) {
        return (void *)(distance + a);
    }
    return NULL;
}

static inline void *mmu_host_read(const struct mmu *u, linear_addr_t a, unsigned n)
{
    return mmu_host_in(u->table, a, n);
}

static inline void *mmu_host_write(const struct mmu *u, linear_addr_t a, unsigned n)
{
    return mmu_host_in(u->table + SHADOW_WRITE, a, n);
}

#define MMU_ACCESS(bits)                                                                       \
    static inline uint##bits##_t mmu_load##bits(struct mmu *u, linear_addr_t a)                \
    {                                                                                          \
        const void *p = mmu_host_read(u, a, bits / 8);                                         \
                                                                                               \
        if (LIKELY(p)) {                                                                       \
            return load_le##bits(p);                                                           \
        }                                                                                      \
        return (uint##bits##_t)mmu_load_slow(u, a, bits / 8, u->user);                         \
    }                                                                                          \
    static inline void mmu_store##bits(struct mmu *u, linear_addr_t a, uint##bits##_t v)       \
    {                                                                                          \
        void *p = mmu_host_write(u, a, bits / 8);                                              \
                                                                                               \
        if (LIKELY(p)) {                                                                       \
            store_le##bits(p, v);                                                              \
        } else {                                                                               \
            mmu_store_slow(u, a, v, bits / 8, u->user);                                        \
        }                                                                                      \
    }                                                                                          \
    /* Supervisor accesses the CPU makes on its own: descriptor tables, TSS, inner stacks. */  \
    static inline uint##bits##_t mmu_load##bits##_sys(struct mmu *u, linear_addr_t a)          \
    {                                                                                          \
        const void *p = mmu_host_in(u->tables[false], a, bits / 8);                            \
                                                                                               \
        if (LIKELY(p)) {                                                                       \
            return load_le##bits(p);                                                           \
        }                                                                                      \
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
    if (UNLIKELY(!mmu_host_write(u, a, size))) {
        mmu_check_write_slow(u, a, size, u->user);
    }
}

/* Larger operands (x87, SSE): every byte is checked before the first is moved. size <= 4096. */
void mmu_load_bytes(struct mmu *u, linear_addr_t a, void *buf, unsigned size);
void mmu_store_bytes(struct mmu *u, linear_addr_t a, const void *buf, unsigned size);

#endif
