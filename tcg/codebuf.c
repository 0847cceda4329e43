/* SPDX-License-Identifier: MIT */
/*
 * The code buffer: one memfd, mapped executable and mapped writable.
 */
#define _GNU_SOURCE
#include "tcg/codebuf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct codebuf *codebuf_new(size_t size)
{
    size_t table = JUMP_TARGETS * sizeof(struct jump_target);
    int fd = memfd_create("gnomon-code", MFD_CLOEXEC);
    struct codebuf *b = NULL;
    uint8_t *run = MAP_FAILED, *w = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
        w = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        run = mmap(NULL, size + table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (run != MAP_FAILED &&
            mmap(run, size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
            munmap(run, size + table);
            run = MAP_FAILED;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    if (w == MAP_FAILED || run == MAP_FAILED) {
        if (w != MAP_FAILED) {
            munmap(w, size);
        }
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
