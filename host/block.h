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

/*
 * Saved state (block_saved.c). Contents that are not in the image file are saved with the machine:
 * an overlay, or an image in memory. What is in the file is only recognised again, by its mark.
 */
enum block_place { BLOCK_IN_FILE, BLOCK_IN_OVERLAY, BLOCK_IN_MEMORY };

struct block_mark {
    uint64_t bytes;
    int64_t mtime; /* ns since 1970; 0 where it says nothing */
    uint64_t hash; /* of the contents, overlay aside; holes are zeros */
};

enum block_place block_place(const struct block *b);
/* Flushes, and reads the whole file unless it is known. NULL, or a message (caller frees). */
char *block_take_mark(struct block *b, struct block_mark *mark);
/* Only the part that costs nothing: hash is 0. */
char *block_quick_mark(struct block *b, struct block_mark *mark);
/* The next run of at most max sectors, from *sector on, to be saved with the machine. */
bool block_next_saved(const struct block *b, uint64_t *sector, uint32_t *count, uint32_t max);

/* Contents to be: an empty overlay or memory, filled with block_stage_write(), then taken over. */
struct block_stage;
struct block_stage *block_stage_new(struct block *b, char **error);
int block_stage_write(struct block_stage *s, uint64_t sector, const void *buf, uint32_t count);
void block_stage_commit(struct block_stage *s);
void block_stage_drop(struct block_stage *s);

#endif
