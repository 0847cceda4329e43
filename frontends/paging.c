/* SPDX-License-Identifier: MIT */
/*
 * Walks the tables without the MMU's help and without effect on it (SDM 3A 4.3, 4.4).
 */
#include "frontends/paging.h"

#include <inttypes.h>

#include "base/endian.h"
#include "cpu/cpu.h"
#include "frontends/session.h"

#define PTE_PWT   (1u << 3)
#define PTE_PCD   (1u << 4)
#define PTE_NX    (1ull << 63)
#define MAX_LINES 20000 /* of output: a guest can map a million pages */
#define PAE_FRAME 0x000ffffffffff000ull
#define NO_RIGHTS 0u

struct walk {
    struct machine *m;
    struct text *out;
    unsigned lines;
    /* A page, or a large page, and the rights that all levels grant. */
    void (*page)(struct walk *w, uint64_t linear, uint64_t entry, uint64_t size, unsigned rights);

    /* Ranges: the one that is being gathered. */
    uint64_t start, end;
    unsigned rights;
};

static uint64_t entry_at(struct walk *w, uint64_t table, unsigned index, unsigned width)
{
    uint8_t b[8] = {0};

    physmem_read(&w->m->mem, table + (uint64_t)index * width, b, width);
    return load_le64(b);
}

/* 32-bit paging. */

static void walk_32(struct walk *w, uint32_t cr3, bool pse)
{
    for (unsigned i = 0; i < 1024; i++) {
        uint64_t pde = entry_at(w, cr3 & ~0xfffu, i, 4);

        if (!(pde & PTE_P)) {
            continue;
        }
        if (pse && (pde & PTE_PS)) {
            w->page(w, (uint64_t)i << 22, pde & ~0x3ff000ull, 1 << 22,
                    PTE_P | ((unsigned)pde & (PTE_RW | PTE_US)));
            continue;
        }
        for (unsigned k = 0; k < 1024; k++) {
            uint64_t pte = entry_at(w, pde & ~0xfffull, k, 4);

            if (pte & PTE_P) {
                w->page(w, (uint64_t)i << 22 | k << 12, pte & ~(uint64_t)PTE_PS, PAGE_SIZE,
                        PTE_P | ((unsigned)(pde & pte) & (PTE_RW | PTE_US)));
            }
        }
    }
}

/* PAE paging: three levels, 64-bit entries; the first has no rights. */

static void walk_pae_table(struct walk *w, uint64_t linear, uint64_t pde)
{
    if (pde & PTE_PS) {
        w->page(w, linear, pde & ~0x1ff000ull, 1 << 21,
                PTE_P | ((unsigned)pde & (PTE_RW | PTE_US)));
        return;
    }
    for (unsigned k = 0; k < 512; k++) {
        uint64_t pte = entry_at(w, pde & PAE_FRAME, k, 8);

        if (pte & PTE_P) {
            w->page(w, linear | k << 12, pte & ~(uint64_t)PTE_PS, PAGE_SIZE,
                    PTE_P | ((unsigned)(pde & pte) & (PTE_RW | PTE_US)));
        }
    }
}

static void walk_pae(struct walk *w, uint32_t cr3)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t pdpte = entry_at(w, cr3 & ~0x1fu, i, 8);

        for (unsigned j = 0; (pdpte & PTE_P) && j < 512; j++) {
            uint64_t pde = entry_at(w, pdpte & PAE_FRAME, j, 8);

            if (pde & PTE_P) {
                walk_pae_table(w, (uint64_t)i << 30 | (uint64_t)j << 21, pde);
            }
        }
    }
}

static bool walk_all(struct walk *w)
{
    const struct mmu *mmu = &w->m->cpu->mmu;

    if (!(mmu->cr0 & CR0_PG)) {
        text_puts(w->out, "PG disabled\r\n");
        return false;
    }
    if (mmu->cr4 & CR4_PAE) {
        walk_pae(w, mmu->cr3);
    } else {
        walk_32(w, mmu->cr3, mmu->cr4 & CR4_PSE);
    }
    return true;
}

static bool room_for_line(struct walk *w)
{
    if (w->lines == MAX_LINES) {
        text_puts(w->out, "... and more\r\n");
    }
    return w->lines++ < MAX_LINES;
}

static void print_page(struct walk *w, uint64_t linear, uint64_t entry, uint64_t size,
                       unsigned rights)
{
    (void)size;
    (void)rights;
    if (!room_for_line(w)) {
        return;
    }
    text_printf(w->out, "%016" PRIx64 ": %016" PRIx64 " %c%c%c%c%c%c%c%c%c\r\n", linear,
                (uint64_t)(entry & PAE_FRAME), entry & PTE_NX ? 'X' : '-',
                entry & PTE_G ? 'G' : '-', entry & PTE_PS ? 'P' : '-', entry & PTE_D ? 'D' : '-',
                entry & PTE_A ? 'A' : '-', entry & PTE_PCD ? 'C' : '-', entry & PTE_PWT ? 'T' : '-',
                entry & PTE_US ? 'U' : '-', entry & PTE_RW ? 'W' : '-');
}

void paging_print_pages(struct session *s, struct text *out)
{
    struct walk w = {.m = s->m, .out = out, .page = print_page};

    walk_all(&w);
}

static void flush_range(struct walk *w)
{
    if (w->rights != NO_RIGHTS && room_for_line(w)) {
        text_printf(w->out, "%016" PRIx64 "-%016" PRIx64 " %016" PRIx64 " %c%c%c\r\n", w->start,
                    w->end, w->end - w->start, w->rights & PTE_US ? 'u' : '-', 'r',
                    w->rights & PTE_RW ? 'w' : '-');
    }
    w->rights = NO_RIGHTS;
}

static void add_page(struct walk *w, uint64_t linear, uint64_t entry, uint64_t size,
                     unsigned rights)
{
    (void)entry;
    if (rights != w->rights || linear != w->end) {
        flush_range(w);
        w->start = linear;
        w->rights = rights;
    }
    w->end = linear + size;
}

void paging_print_ranges(struct session *s, struct text *out)
{
    struct walk w = {.m = s->m, .out = out, .page = add_page};

    if (walk_all(&w)) {
        flush_range(&w);
    }
}
