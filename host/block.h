/* SPDX-License-Identifier: MIT */
/*
 * Disk images as a run of 512-byte sectors.
 *
 * A write that was followed by a successful block_flush() is on the host's disk. All calls are
 * synchronous and return 0 or a negative errno, which the drive reports as its hardware would.
 */
#ifndef HOST_BLOCK_H
#define HOST_BLOCK_H

#include "base/types.h"

#define BLOCK_SECTOR 512u

struct block;

struct block_options {
    const char *path;
    bool read_only;
    bool snapshot; /* writes go to a temporary overlay, gone at the end */
};

/* On failure returns NULL and *error is one line (caller frees): what is wrong, how to mend it. */
struct block *block_open(const struct block_options *o, char **error);
/* An image in memory (read from, and written to a private copy): the embedded default guest. */
struct block *block_open_memory(const uint8_t *bytes, size_t len);
/* The same image once more, with an overlay of its own: for a second machine that must see what the
 * first saw at its start. */
struct block *block_open_twin(const struct block *b, char **error);
void block_close(struct block *b); /* flushes */

uint64_t block_sectors(const struct block *b); /* a last partial sector counts, padded with zeros */
uint64_t block_bytes(const struct block *b);   /* the image's own size */
bool block_read_only(const struct block *b);
const char *block_path(const struct block *b);

/* sector + count must be within block_sectors(); otherwise -EINVAL. */
int block_read(struct block *b, uint64_t sector, void *buf, uint32_t count);
int block_write(struct block *b, uint64_t sector, const void *buf, uint32_t count);
int block_flush(struct block *b);

#endif
