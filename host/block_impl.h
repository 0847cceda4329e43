/* SPDX-License-Identifier: MIT */
/*
 * What block.c, block_raw.c and block_cow.c share: bytes of an image by offset, and the overlay.
 */
#ifndef HOST_BLOCK_IMPL_H
#define HOST_BLOCK_IMPL_H

#include "host/block.h"

struct block {
    char *path;
    uint64_t bytes, sectors;
    bool read_only;
    int fd;                /* -1: in memory */
    uint8_t *memory;       /* whole sectors */
    struct block_cow *cow; /* with -snapshot */

    struct block_mark mark; /* of the file, while mark_known */
    bool mark_known;
};

/*
 * block_raw.c: whole transfers, EINTR and short counts handled. 0 or a negative errno; reading past
 * the end of the file is -EIO.
 */
int block_raw_read(int fd, uint64_t offset, void *buf, size_t len);
int block_raw_write(int fd, uint64_t offset, const void *buf, size_t len);
int block_raw_sync(int fd);
/*
 * Opens and checks an image. Returns the descriptor, or -1 with *error set. A descriptor for
 * writing holds an advisory lock for as long as it is open.
 */
int block_raw_open(const char *path, bool writable, uint64_t *bytes, char **error);

/* block_cow.c: which sectors were written, and their contents in an unlinked file. */
struct block_cow;

struct block_cow *block_cow_new(uint64_t sectors, char **error);
void block_cow_free(struct block_cow *c);
int block_cow_write(struct block_cow *c, uint64_t sector, const void *buf, uint32_t count);
/*
 * Length of the run that starts at sector, at most count, of which every sector is in the overlay
 * or none; *in_overlay says which.
 */
uint32_t block_cow_run(const struct block_cow *c, uint64_t sector, uint32_t count,
                       bool *in_overlay);
int block_cow_read(struct block_cow *c, uint64_t sector, void *buf, uint32_t count);

#endif
