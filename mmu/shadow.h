/* SPDX-License-Identifier: MIT */
/*
 * The tables behind mmu.h. Private to mmu/.
 *
 * A shadow is the flat table of one address space and privilege. It is cleared by the chunk (2 MiB
 * of linear addresses): a bit says which chunks hold entries.
 */
#ifndef MMU_SHADOW_H
#define MMU_SHADOW_H

#include "mmu/mmu.h"

#define SHADOW_PAGES       (1u << 20)
#define SHADOW_CHUNK_SHIFT 9 /* entries of a chunk: one host page of the table */
#define SHADOW_CHUNK       (1u << SHADOW_CHUNK_SHIFT)
#define SHADOW_CHUNKS      (SHADOW_PAGES >> SHADOW_CHUNK_SHIFT)

enum shadow_half { SHADOW_READS, SHADOW_WRITES };

struct shadow {
    uintptr_t *table;
    uint64_t dirty[2][SHADOW_CHUNKS / 64]; /* by half: chunks that may hold entries */
};

/* An address space: what one value of CR3 (and the paging mode) means. */
struct space {
    struct shadow shadow[2]; /* by privilege: supervisor, user */
    uint32_t generation;
    /* Pages that something outside the tables remembers under this generation. */
    uint64_t noted[SHADOW_PAGES / 64];
    uint64_t noted_chunks[SHADOW_CHUNKS / 64];
};

/* Remembers where accesses go that have no entry: devices, ROM, traced pages, code under NX. */
#define DISPATCH_SIZE 256u
#define DISPATCH_R    1u
#define DISPATCH_W    2u
#define DISPATCH_X    4u
#define DISPATCH_USER 8u

struct dispatch {
    uint32_t tag; /* linear page | DISPATCH_* */
    uint32_t generation;
    phys_addr_t phys;    /* of the page, A20 applied */
    const uint8_t *host; /* for reads; NULL: a device */
};

/* By physical page: the linear pages (+ 1) that some write entry leads here from. 0: free. */
#define WRITERS 4u
struct writers {
    uint32_t page[WRITERS];
};

struct shadows {
    struct space *space;  /* the current one */
    uint32_t generations; /* handed out so far */
    struct writers *writers;
    struct dispatch dispatch[DISPATCH_SIZE];
};

/* Where an access within one page goes. */
struct place {
    uint8_t *host; /* NULL: dispatch to phys */
    phys_addr_t phys;
};

/* fill.c: walks, faults if the access is not allowed, enters what the walk found. */
struct place shadow_fill(struct mmu *u, linear_addr_t a, enum mmu_access access, bool user);

/* shadow.c */
struct space *space_new(void);
void space_free(struct space *s);
void space_clear(struct mmu *u, struct space *s);
/* Drop the entries of a page or of a chunk, those of both privileges. */
void space_drop_page(struct mmu *u, struct space *s, linear_addr_t a);
void space_drop_chunk(struct mmu *u, struct space *s, linear_addr_t a);
void shadow_set(struct shadow *s, enum shadow_half half, linear_addr_t a, uintptr_t distance);
/* The space's translations are not what they were. */
void space_renew(struct mmu *u, struct space *s);
/* A write entry for a leads to that page of RAM. */
void writers_add(struct mmu *u, phys_addr_t phys, linear_addr_t a);

static inline void space_note(struct space *s, linear_addr_t a)
{
    uint32_t page = a >> PAGE_SHIFT, chunk = page >> SHADOW_CHUNK_SHIFT;

    s->noted[page >> 6] |= 1ull << (page & 63);
    s->noted_chunks[chunk >> 6] |= 1ull << (chunk & 63);
}

static inline struct dispatch *dispatch_entry(struct mmu *u, linear_addr_t a)
{
    return &u->shadows->dispatch[a >> PAGE_SHIFT & (DISPATCH_SIZE - 1)];
}

#endif
