/* SPDX-License-Identifier: MIT */
/*
 * Disk images by sectors: a raw file, a raw file under an overlay, or a copy in memory.
 *
 * A file whose size is no multiple of 512 keeps its size: its last sector reads as padded with
 * zeros, and of a write to that sector the part beyond the end is dropped.
 */
#include "host/block_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static struct block *block_new(const char *path, uint64_t bytes)
{
    struct block *b = xcalloc(1, sizeof(*b));

    b->path = xstrdup(path);
    b->bytes = bytes;
    b->sectors = bytes / BLOCK_SECTOR + (bytes % BLOCK_SECTOR != 0);
    b->fd = -1;
    return b;
}

static void block_free(struct block *b)
{
    if (b->fd >= 0) {
        close(b->fd);
    }
    block_cow_free(b->cow);
    free(b->memory);
    free(b->path);
    free(b);
}

struct block *block_open(const struct block_options *o, char **error)
{
    uint64_t bytes = 0;

    *error = NULL;
    if (!o->path || !*o->path) {
        *error = xstrdup("the disk image has no file name; give file=PATH");
        return NULL;
    }
    int fd = block_raw_open(o->path, !o->read_only && !o->snapshot, &bytes, error);

    if (fd < 0) {
        return NULL;
    }
    struct block *b = block_new(o->path, bytes);

    b->fd = fd;
    b->read_only = o->read_only;
    if (o->snapshot && !o->read_only) {
        b->cow = block_cow_new(b->sectors, error);
        if (!b->cow) {
            block_free(b);
            return NULL;
        }
    }
    return b;
}

struct block *block_open_memory(const uint8_t *bytes, size_t len)
{
    struct block *b = block_new("(built in)", len);

    b->memory = xcalloc(b->sectors ? (size_t)b->sectors : 1, BLOCK_SECTOR);
    memcpy(b->memory, bytes, len);
    return b;
}

struct block *block_open_twin(const struct block *b, char **error)
{
    if (b->memory) {
        *error = NULL;
        return block_open_memory(b->memory, (size_t)b->bytes);
    }
    return block_open(&(struct block_options){.path = b->path,
                                              .read_only = b->read_only,
                                              .snapshot = !b->read_only},
                      error);
}

void block_close(struct block *b)
{
    if (!b) {
        return;
    }
    int err = block_flush(b);

    if (err) {
        log_host("disk image '%s': the last writes may be lost: %s", b->path, strerror(-err));
    }
    block_free(b);
}

uint64_t block_sectors(const struct block *b)
{
    return b->sectors;
}

uint64_t block_bytes(const struct block *b)
{
    return b->bytes;
}

bool block_read_only(const struct block *b)
{
    return b->read_only;
}

const char *block_path(const struct block *b)
{
    return b->path;
}

static bool in_range(const struct block *b, uint64_t sector, uint32_t count)
{
    return sector <= b->sectors && count <= b->sectors - sector;
}

/* Bytes of the run that the file really has. */
static size_t file_part(const struct block *b, uint64_t sector, uint32_t count)
{
    uint64_t start = sector * BLOCK_SECTOR, len = (uint64_t)count * BLOCK_SECTOR;

    return (size_t)(len < b->bytes - start ? len : b->bytes - start);
}

static int read_file(struct block *b, uint64_t sector, uint8_t *buf, uint32_t count)
{
    size_t len = file_part(b, sector, count);

    memset(buf + len, 0, (size_t)count * BLOCK_SECTOR - len);
    return block_raw_read(b->fd, sector * BLOCK_SECTOR, buf, len);
}

int block_read(struct block *b, uint64_t sector, void *buf, uint32_t count)
{
    uint8_t *p = buf;

    if (!in_range(b, sector, count)) {
        return -EINVAL;
    }
    if (b->memory) {
        memcpy(p, b->memory + sector * BLOCK_SECTOR, (size_t)count * BLOCK_SECTOR);
        return 0;
    }
    while (count) {
        bool in_overlay = false;
        uint32_t n = b->cow ? block_cow_run(b->cow, sector, count, &in_overlay) : count;
        int err = in_overlay ? block_cow_read(b->cow, sector, p, n) : read_file(b, sector, p, n);

        if (err) {
            return err;
        }
        sector += n;
        count -= n;
        p += (size_t)n * BLOCK_SECTOR;
    }
    return 0;
}

int block_write(struct block *b, uint64_t sector, const void *buf, uint32_t count)
{
    if (!in_range(b, sector, count)) {
        return -EINVAL;
    }
    if (b->read_only) {
        return -EROFS;
    }
    if (b->memory) {
        memcpy(b->memory + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
        return 0;
    }
    if (!count) {
        return 0;
    }
    if (b->cow) {
        return block_cow_write(b->cow, sector, buf, count);
    }
    b->mark_known = false;
    return block_raw_write(b->fd, sector * BLOCK_SECTOR, buf, file_part(b, sector, count));
}

int block_flush(struct block *b)
{
    /* An overlay is gone at the end whatever happens: nothing to make durable. */
    if (b->fd < 0 || b->cow || b->read_only) {
        return 0;
    }
    return block_raw_sync(b->fd);
}
