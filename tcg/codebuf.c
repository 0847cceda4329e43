/* SPDX-License-Identifier: MIT */
/*
 * The code buffer: shared memory without a name, mapped writable and, by mremap() of no length,
 * mapped executable. (Linux's perf looks into its map of names for such memory, not for a memfd's.)
 */
#define _GNU_SOURCE
#include "tcg/codebuf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct codebuf *codebuf_new(size_t size)
{
    size_t table = JUMP_TARGETS * sizeof(struct jump_target);
    struct codebuf *b;
    uint8_t *run, *w;

    w = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w == MAP_FAILED) {
        return NULL;
    }
    run = mmap(NULL, size + table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (run == MAP_FAILED) {
        munmap(w, size);
        return NULL;
    }
    if (mremap(w, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, run) == MAP_FAILED ||
        mprotect(run, size, PROT_READ | PROT_EXEC) != 0) {
        munmap(w, size);
        munmap(run, size + table);
        return NULL;
    }
    b = xcalloc(1, sizeof(*b));
    b->run = run;
    b->to_w = w - run;
    b->size = b->end = size;
    b->regions = size >= (size_t)CODE_REGIONS << 18 ? CODE_REGIONS : 2;
    b->jumps = (struct jump_target *)(run + size);
    return b;
}

void codebuf_use(struct codebuf *b, unsigned region)
{
    size_t each = (b->size - b->shared_end) / b->regions & ~(size_t)63;

    b->region = region;
    b->used = b->shared_end + region * each;
    b->end = b->used + each;
}

void codebuf_free(struct codebuf *b)
{
    munmap(b->run + b->to_w, b->size);
    munmap(b->run, b->size + JUMP_TARGETS * sizeof(struct jump_target));
    free(b);
}
