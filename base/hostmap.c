/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "base/hostmap.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

static uint8_t *map(struct hostmap *h, uint8_t *at, size_t size, size_t offset)
{
    int flags = MAP_SHARED | MAP_NORESERVE | (at ? MAP_FIXED | MAP_POPULATE : 0);
    void *p = mmap(at, size, PROT_READ | PROT_WRITE, flags, h->fd, (off_t)offset);

    if (p == MAP_FAILED) {
        fatal("cannot map %zu KiB of memory", size >> 10);
    }
    return p;
}

void hostmap_init(struct hostmap *h, const char *name, size_t size)
{
    h->fd = memfd_create(name, MFD_CLOEXEC);
    h->size = size;
    if (h->fd < 0 || ftruncate(h->fd, (off_t)size) < 0) {
        fatal("cannot get %zu KiB of memory", size >> 10);
    }
    h->bytes = map(h, NULL, size, 0);
}

void hostmap_free(struct hostmap *h)
{
    munmap(h->bytes, h->size);
    close(h->fd);
}

uint8_t *hostmap_window(struct hostmap *h, size_t size)
{
    return map(h, NULL, size, 0);
}

void hostmap_move_window(struct hostmap *h, uint8_t *window, size_t size, size_t offset)
{
    map(h, window, size, offset);
}

void hostmap_free_window(uint8_t *window, size_t size)
{
    munmap(window, size);
}
