/* SPDX-License-Identifier: MIT */
/*
 * The tables behind mmu.h. Private to mmu/.
 *
 * A *shadow* is the flat table of one address space and privilege (shadow.c). A *space* is what one
 * value of CR3 and the paging mode mean: its two shadows, and from which guest tables they were
 * derived (space.c). A *table page* is a page of guest memory that some space was derived from:
 * writes to it are traced, and drop what they change (tables.c).
 */
#ifndef MMU_SHADOW_H
#define MMU_SHADOW_H

#include "mmu/mmu.h"
#include "mmu/walk.h"

/* ---- shadows ---- */

#define SHADOW_PAGES       (1u << 20)
#define SHADOW_CHUNK_SHIFT 9 /* a chunk: 512 entries, 2 MiB of linear addresses */
#define SHADOW_CHUNK       (1u << SHADOW_CHUNK_SHIFT)
#define SHADOW_CHUNKS      (SHADOW_PAGES >> SHADOW_CHUNK_SHIFT)
#define CHUNK_OF(a)        ((a) >> (PAGE_SHIFT + SHADOW_CHUNK_SHIFT))

/*
 * Chunks, of all shadows, that may take host memory: 12 MiB. A space that needs more alone (it can
 * use 8192) starts over now and then.
 */
#define SHADOW_LIMIT 3072u

enum shadow_half { SHADOW_READS, SHADOW_WRITES };

struct shadow {
    uintptr_t *table;
    /* A bit for each chunk, by half: it may hold entries; it takes host memory. */
    uint64_t dirty[2][SHADOW_CHUNKS / 64];
    uint64_t resident[2][SHADOW_CHUNKS / 64];
};

/* ---- spaces ---- */

#define SPACES 64u /* a bit each in struct table_use */

struct space_key {
    uint64_t root[4]; /* page directory, or the four pointers of PAE */
    uint32_t mode;    /* KEY_* */
};
#define KEY_PG  1u
#define KEY_WP  2u
#define KEY_PSE 4u
#define KEY_PAE 8u
#define KEY_NX  16u
#define KEY_A20 32u

struct space {
    struct shadow shadow[2]; /* by privilege: supervisor, user */
    struct space_key key;
    uint32_t generation;
    uint8_t index;
    bool untracked; /* a table lies where writes cannot be traced: dropped as a TLB would be */
    uint64_t used;  /* when it was selected */
    /* Table pages that it was derived from, by index. A slot is a directory entry. */
    uint16_t dir[4];
    uint16_t slot[SHADOW_CHUNKS];
    /* Pages that something outside the tables remembers under this generation. */
    uint64_t noted[SHADOW_PAGES / 64];
    uint64_t noted_chunks[SHADOW_CHUNKS / 64];
};
#define SLOT_OTHER 0xffffu /* a large page, or a table that cannot be traced */

/* ---- table pages ---- */

#define TABLE_PAGES 4096u
#define TABLE_USES  8192u

/* As what a table page serves, and to which spaces. */
struct table_use {
    uint64_t spaces;    /* bit per index */
    linear_addr_t base; /* what its first entry maps */
    uint16_t next;
    bool directory;
    uint8_t shift; /* log2 of an entry's size */
};

struct table_page {
    uint32_t pfn;
    uint16_t uses;        /* index of the first; 0: free */
    uint16_t writes;      /* since it was last walked */
    uint64_t derived[16]; /* bit per 4 bytes: some space may hold what they say */
};

/* ---- */

/* Remembers where accesses go that have no entry: devices, ROM, traced pages. */
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

/*
 * By physical page: the linear pages (+ 1) that some entry leads here from, of write entries all,
 * of read entries those of NX mappings. 0: free.
 */
#define MAPPINGS 4u
struct mappings {
    uint32_t page[MAPPINGS];
};

struct shadows {
    struct space *space;          /* the current one */
    struct space *donor;          /* the one before */
    struct space *spaces[SPACES]; /* all that there are, in use or not */
    uint32_t key_hash[SPACES];    /* 0: not in use */
    unsigned space_count;
    uint32_t generations;         /* handed out so far */
    uint32_t resident;            /* chunks */
    uint64_t clock;               /* of selections */
    struct mappings *mappings[2]; /* by enum shadow_half */
    struct mmu_stats stats;

    uint16_t *table_of; /* by physical page: index of its table page, or 0 */
    struct table_page *table;
    struct table_use *use;
    unsigned table_top, use_top;   /* entries that were ever used */
    uint16_t table_free, use_free; /* lists of those that were given back */
    unsigned tables_used, uses_used;
    uint16_t walking; /* the table page whose uses are being gone through */

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
bool shadow_map(struct shadow *s); /* false: there is no address space left */
void shadow_unmap(struct shadow *s);
void shadow_clear(struct shadow *s);
unsigned shadow_resident(const struct shadow *s);     /* chunks that take host memory */
void shadow_release(struct mmu *u, struct shadow *s); /* gives its host memory back */
void shadow_set(struct mmu *u, struct shadow *s, enum shadow_half half, linear_addr_t a,
                uintptr_t distance);
void shadow_copy_chunk(struct mmu *u, struct shadow *to, const struct shadow *from, uint32_t chunk);
/* Drop the entries of a page or of a chunk, those of both privileges. */
void space_drop_page(struct mmu *u, struct space *s, linear_addr_t a);
void space_drop_chunk(struct mmu *u, struct space *s, uint32_t chunk);
/* The space's translations are not what they were. */
void space_renew(struct mmu *u, struct space *s);
/* An entry for a leads to that page. */
void mappings_add(struct mmu *u, enum shadow_half half, phys_addr_t phys, linear_addr_t a);

/* space.c */
void spaces_init(struct mmu *u);
void spaces_destroy(struct mmu *u);
/* The space that the control registers name becomes the current one. */
void space_select(struct mmu *u);
void space_clear(struct mmu *u, struct space *s);
void space_retire(struct mmu *u, struct space *s); /* its directory is gone */
void spaces_clear(struct mmu *u);
void spaces_make_room(struct mmu *u); /* for one more fill */

/* tables.c */
void tables_init(struct mmu *u);
void tables_destroy(struct mmu *u);
bool tables_have_room(const struct mmu *u); /* for one more fill */
/* The space is about to hold what that walk for a found. */
void tables_enter(struct mmu *u, struct space *s, linear_addr_t a, const struct walk *w);
void tables_forget_space(struct mmu *u, struct space *s);

static inline void space_note(struct space *s, linear_addr_t a)
{
    uint32_t page = a >> PAGE_SHIFT, chunk = page >> SHADOW_CHUNK_SHIFT;

    s->noted[page >> 6] |= 1ull << (page & 63);
    s->noted_chunks[chunk >> 6] |= 1ull << (chunk & 63);
}

/* May decoded code come from that page? In ROM it is not traced. */
static inline bool shadow_code_at(const struct mmu *u, phys_addr_t phys)
{
    return (physmem_traced(u->pm, phys) & TRACE_CODE) ||
           (!physmem_is_ram(u->pm, phys) && !physmem_lookup(u->pm, phys).write);
}

static inline struct dispatch *dispatch_entry(struct mmu *u, linear_addr_t a)
{
    return &u->shadows->dispatch[a >> PAGE_SHIFT & (DISPATCH_SIZE - 1)];
}

#endif
