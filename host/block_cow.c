/* SPDX-License-Identifier: MIT */
/*
 * The overlay of -snapshot: an unlinked temporary file with the same layout as the image (sparse),
 * and one bit per sector that says which of the two is current.
 *
 * The bits are changed after the data is written, so a write that fails leaves the old contents.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "host/block_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct block_cow {
    int fd;
    uint8_t written[]; /* bit n % 8 of byte n / 8 */
};

static int open_temporary(const char *dir)
{
    int fd = -1;

#ifdef O_TMPFILE
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
        return fd;
    }
#endif
    char *name = xasprintf("%s/gnomon-snapshot-XXXXXX", dir);

    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
    }
    free(name);
    return fd;
}

struct block_cow *block_cow_new(uint64_t sectors, char **error)
{
    const char *dir = getenv("TMPDIR");

    if (!dir || !*dir) {
        dir = "/tmp";
    }
    int fd = open_temporary(dir);

    if (fd < 0) {
        *error = xasprintf("cannot create the temporary file of -snapshot in '%s': %s; set TMPDIR "
                           "to a directory with free space",
                           dir, strerror(errno));
        return NULL;
    }
    struct block_cow *c = xcalloc(1, sizeof(*c) + (size_t)(sectors / 8 + 1));

    c->fd = fd;
    return c;
}

void block_cow_free(struct block_cow *c)
{
    if (c) {
        close(c->fd);
        free(c);
    }
}

static bool is_written(const struct block_cow *c, uint64_t sector)
{
    return c->written[sector / 8] >> (sector % 8) & 1;
}

uint32_t block_cow_run(const struct block_cow *c, uint64_t sector, uint32_t count, bool *in_overlay)
{
    uint32_t n = 1;

    *in_overlay = is_written(c, sector);
    while (n < count && is_written(c, sector + n) == *in_overlay) {
        n++;
    }
    return n;
}

int block_cow_read(struct block_cow *c, uint64_t sector, void *buf, uint32_t count)
{
    return block_raw_read(c->fd, sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
}

int block_cow_write(struct block_cow *c, uint64_t sector, const void *buf, uint32_t count)
{
    int err = block_raw_write(c->fd, sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);

    if (err) {
        return err;
    }
    for (uint64_t i = sector; i < sector + count; i++) {
        c->written[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    return 0;
}
