/* SPDX-License-Identifier: MIT */
/*
 * A file of checked chunks, written whole or not at all. docs/state-format.md has the bytes.
 *
 * Chunks have a type of four letters, are compressed where that helps and zlib is there, and carry
 * CRCs. Writing goes to a temporary file beside the target, which replaces it at commit.
 */
#ifndef HOST_SAVEFILE_H
#define HOST_SAVEFILE_H

#include "base/types.h"

struct savefile_writer;

/* magic: 8 bytes. NULL and a one-line message if the host refuses (caller frees). */
struct savefile_writer *savefile_create(const char *path, const char *magic, uint32_t version,
                                        char **error);
/* Errors are kept for commit. */
void savefile_add(struct savefile_writer *w, const char *type, const void *data, size_t len);
/* Frees the writer. NULL, or what went wrong: then the old file, if there was one, is still there.
 */
char *savefile_commit(struct savefile_writer *w);
void savefile_abandon(struct savefile_writer *w);

struct savefile;

/* Reads the file and checks all of it. max_version: the newest that the caller understands. */
struct savefile *savefile_open(const char *path, const char *magic, uint32_t max_version,
                               char **error);
/* Only up to the first chunk's end, and that chunk checked: for a list of files. */
struct savefile *savefile_peek(const char *path, const char *magic, uint32_t max_version,
                               char **error);
void savefile_close(struct savefile *f);
/* The next chunk; false at the end. The data are valid until the next call. */
bool savefile_next(struct savefile *f, char type[5], const uint8_t **data, size_t *len);
void savefile_rewind(struct savefile *f);
uint64_t savefile_bytes(const struct savefile *f); /* of the whole file */

#endif
