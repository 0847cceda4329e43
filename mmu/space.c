/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: found by what CR3 and the paging mode say, kept while others run, and given up,
 * the least recently used first, when there are too many or they take too much memory.
 *
 * Global pages need no care: nothing is dropped by a CR3 load that the tables still say.
 */
#include "mmu/shadow.h"

#include <stdlib.h>

#include "base/log.h"

static struct space_key key_of(const struct mmu *u)
{
    struct space_key k = {.mode = u->pm->a20_mask == ~0u ? KEY_A20 : 0};

    if (!(u->cr0 & CR0_PG)) {
        return k;
    }
    k.mode |= KEY_PG | (u->cr0 & CR0_WP ? KEY_WP : 0);
    if (u->cr4 & CR4_PAE) {
        k.mode |= KEY_PAE | (u->nx ? KEY_NX : 0);
        memcpy(k.root, u->pdpte, sizeof(k.root));
    } else {
        k.mode |= u->cr4 & CR4_PSE ? KEY_PSE : 0;
        k.root[0] = u->cr3 & ~PAGE_MASK;
    }
    return k;
}

static bool key_equal(const struct space_key *a, const struct space_key *b)
{
    return a->mode == b->mode && !memcmp(a->root, b->root, sizeof(a->root));
}

/* Never 0. */
static uint32_t key_hash(const struct space_key *k)
{
    uint64_t h = k->mode;

    for (unsigned n = 0; n < 4; n++) {
        h = (h ^ k->root[n]) * 0x9e3779b97f4a7c15u;
    }
    return (uint32_t)(h >> 32) | 1;
}

/* ---- life ---- */

void space_clear(struct mmu *u, struct space *s)
{
    tables_forget_space(u, s);
    shadow_clear(&s->shadow[0]);
    shadow_clear(&s->shadow[1]);
    s->untracked = false;
    space_renew(u, s);
}

void space_retire(struct mmu *u, struct space *s)
{
    if (s == u->shadows->space) {
        return; /* it fills again */
    }
    space_clear(u, s);
    u->shadows->key_hash[s->index] = 0;
}

/* The least recently used one that is in use and not the current one; NULL: there is none. */
static struct space *oldest(const struct shadows *sh)
{
    struct space *found = NULL;

    for (unsigned n = 0; n < sh->space_count; n++) {
        struct space *s = sh->spaces[n];

        if (s != sh->space && sh->key_hash[n] && (!found || s->used < found->used)) {
            found = s;
        }
    }
    return found;
}

static struct space *make(struct shadows *sh)
{
    struct space *s = xcalloc(1, sizeof(*s));

    if (!shadow_map(&s->shadow[0])) {
        free(s);
        return NULL;
    }
    if (!shadow_map(&s->shadow[1])) {
        shadow_unmap(&s->shadow[0]);
        free(s);
        return NULL;
    }
    s->index = (uint8_t)sh->space_count;
    sh->spaces[sh->space_count++] = s;
    return s;
}

/* One that is not in use. */
static struct space *take(struct mmu *u)
{
    struct shadows *sh = u->shadows;
    struct space *s = NULL;

    for (unsigned n = 0; n < sh->space_count; n++) { /* the last to be used: its memory is warm */
        if (!sh->key_hash[n] && (!s || sh->spaces[n]->used > s->used)) {
            s = sh->spaces[n];
        }
    }
    if (!s && sh->space_count < SPACES) {
        s = make(sh);
    }
    if (!s) {
        s = oldest(sh);
        if (!s) {
            fatal("cannot get %u MiB of address space for shadow page tables",
                  (unsigned)(4 * (size_t)SHADOW_WRITE * sizeof(uintptr_t) >> 20));
        }
        sh->stats.evictions++;
        space_retire(u, s);
    }
    return s;
}

static struct space *find(struct shadows *sh, const struct space_key *k, uint32_t hash)
{
    for (unsigned n = 0; n < sh->space_count; n++) {
        if (sh->key_hash[n] == hash && key_equal(&sh->spaces[n]->key, k)) {
            return sh->spaces[n];
        }
    }
    return NULL;
}

void space_select(struct mmu *u)
{
    struct shadows *sh = u->shadows;
    struct space_key k = key_of(u);
    uint32_t hash = key_hash(&k);
    struct space *s = find(sh, &k, hash);

    if (!s) {
        s = take(u);
        s->key = k;
        sh->key_hash[s->index] = hash;
        space_renew(u, s);
        sh->stats.spaces++;
    } else if (s->untracked) {
        space_clear(u, s);
    }
    if (s != sh->space) {
        sh->stats.switches++;
        sh->donor = sh->space;
        sh->space = s;
        log_guest(MMU, "space %u: cr3 %08x, mode %02x", s->index, u->cr3, k.mode);
    }
    s->used = ++sh->clock;
    u->tables[0] = s->shadow[0].table;
    u->tables[1] = s->shadow[1].table;
    u->table = u->tables[u->user];
    u->generation = s->generation;
}

void spaces_clear(struct mmu *u)
{
    for (unsigned n = 0; n < u->shadows->space_count; n++) {
        if (u->shadows->key_hash[n]) {
            space_clear(u, u->shadows->spaces[n]);
        }
    }
    u->shadows->stats.flushes++;
    log_guest(MMU, "all spaces cleared");
}

/* The least recently used one that takes memory and is not the current one. */
static struct space *oldest_resident(const struct shadows *sh)
{
    struct space *found = NULL;

    for (unsigned n = 0; n < sh->space_count; n++) {
        struct space *s = sh->spaces[n];

        if (s != sh->space && (!found || s->used < found->used) &&
            (shadow_resident(&s->shadow[0]) || shadow_resident(&s->shadow[1]))) {
            found = s;
        }
    }
    return found;
}

/* What a fill may add: its own two chunks, and the eight that it copies. */
#define FILL_CHUNKS 10u

void spaces_make_room(struct mmu *u)
{
    struct shadows *sh = u->shadows;

    while (UNLIKELY(sh->resident + FILL_CHUNKS > SHADOW_LIMIT)) {
        struct space *s = oldest_resident(sh);

        sh->stats.evictions++;
        if (s) {
            space_retire(u, s);
        } else {
            s = sh->space;
            space_clear(u, s);
        }
        shadow_release(u, &s->shadow[0]);
        shadow_release(u, &s->shadow[1]);
    }
    if (UNLIKELY(!tables_have_room(u))) {
        spaces_clear(u);
    }
}

void spaces_init(struct mmu *u)
{
    u->shadows = xcalloc(1, sizeof(*u->shadows));
    u->shadows->mappings[SHADOW_READS] = xcalloc(PHYSMEM_PAGES, sizeof(struct mappings));
    u->shadows->mappings[SHADOW_WRITES] = xcalloc(PHYSMEM_PAGES, sizeof(struct mappings));
    tables_init(u);
    space_select(u);
}

void spaces_destroy(struct mmu *u)
{
    struct shadows *sh = u->shadows;

    spaces_clear(u);
    for (unsigned n = 0; n < sh->space_count; n++) {
        shadow_unmap(&sh->spaces[n]->shadow[0]);
        shadow_unmap(&sh->spaces[n]->shadow[1]);
        free(sh->spaces[n]);
    }
    tables_destroy(u);
    free(sh->mappings[SHADOW_READS]);
    free(sh->mappings[SHADOW_WRITES]);
    free(sh);
}
