/* SPDX-License-Identifier: MIT */
/*
 * All numbers little-endian:
 *
 *     file:   magic (8), u32 version, u32 CRC of these 12 bytes, chunks; the last one is DONE,
 * empty chunk:  type (4), u32 flags (1: zlib), u64 stored length, u64 length, u32 CRC of what is
 *             stored, u32 CRC of these 28 bytes; what is stored
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "host/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "base/crc32.h"
#include "base/endian.h"

#define HEAD       16
#define CHUNK_HEAD 32
#define CHUNK_MAX  (512u << 20) /* bytes: no chunk that we write is as long */

enum { CHUNK_ZLIB = 1 << 0 };

/* Compression. */

#ifdef HAVE_ZLIB
/* NULL where it does not get smaller. */
static uint8_t *compress_chunk(const void *data, size_t len, size_t *stored)
{
    uLongf n = compressBound(len);
    uint8_t *out = xmalloc(n);

    if (compress2(out, &n, data, len, 1) != Z_OK || n >= len) {
        free(out);
        return NULL;
    }
    *stored = n;
    return out;
}

static const char *expand_chunk(uint8_t *out, size_t len, const uint8_t *data, size_t stored)
{
    uLongf n = len;

    return uncompress(out, &n, data, stored) == Z_OK && n == len ? NULL : "is damaged";
}
#else
static uint8_t *compress_chunk(const void *data, size_t len, size_t *stored)
{
    (void)data;
    (void)len;
    (void)stored;
    return NULL;
}

static const char *expand_chunk(uint8_t *out, size_t len, const uint8_t *data, size_t stored)
{
    (void)out;
    (void)len;
    (void)data;
    (void)stored;
    return "is compressed, and this program was built without zlib";
}
#endif

/* Writing. */

struct savefile_writer {
    int fd;
    char *path, *temporary;
    int err; /* the first errno */
};

static void put(struct savefile_writer *w, const void *data, size_t len)
{
    const uint8_t *p = data;

    while (len && !w->err) {
        ssize_t n = write(w->fd, p, len);

        if (n < 0 && errno != EINTR) {
            w->err = errno;
        } else if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

struct savefile_writer *savefile_create(const char *path, const char *magic, uint32_t version,
                                        char **error)
{
    struct savefile_writer *w = xcalloc(1, sizeof(*w));
    uint8_t head[HEAD];

    w->path = xstrdup(path);
    w->temporary = xasprintf("%s.%ld.part", path, (long)getpid());
    w->fd = open(w->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (w->fd < 0) {
        *error = xasprintf("cannot write '%s': %s", path, strerror(errno));
        free(w->path);
        free(w->temporary);
        free(w);
        return NULL;
    }
    memcpy(head, magic, 8);
    store_le32(head + 8, version);
    store_le32(head + 12, crc32_of(head, 12));
    put(w, head, sizeof(head));
    return w;
}

void savefile_add(struct savefile_writer *w, const char *type, const void *data, size_t len)
{
    uint8_t head[CHUNK_HEAD];
    size_t stored = len;
    uint8_t *packed = compress_chunk(data, len, &stored);
    const void *bytes = packed ? packed : data;

    memcpy(head, type, 4);
    store_le32(head + 4, packed ? CHUNK_ZLIB : 0);
    store_le64(head + 8, stored);
    store_le64(head + 16, len);
    store_le32(head + 24, crc32_of(bytes, stored));
    store_le32(head + 28, crc32_of(head, 28));
    put(w, head, sizeof(head));
    put(w, bytes, stored);
    free(packed);
}

static void writer_free(struct savefile_writer *w)
{
    free(w->path);
    free(w->temporary);
    free(w);
}

void savefile_abandon(struct savefile_writer *w)
{
    close(w->fd);
    unlink(w->temporary);
    writer_free(w);
}

/* The new name is on the disk too. Not every file system can, and nothing depends on it. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? xasprintf("%.*s", (int)(slash - path + 1), path) : xstrdup(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

char *savefile_commit(struct savefile_writer *w)
{
    savefile_add(w, "DONE", "", 0);
    if (!w->err && fsync(w->fd) && errno != EINVAL) {
        w->err = errno;
    }
    if (close(w->fd) && !w->err) {
        w->err = errno;
    }
    if (!w->err && rename(w->temporary, w->path)) {
        w->err = errno;
    }
    char *error = NULL;

    if (w->err) {
        error = xasprintf("cannot write '%s': %s", w->path, strerror(w->err));
        unlink(w->temporary);
    } else {
        sync_folder(w->path);
    }
    writer_free(w);
    return error;
}

/* Reading. */

struct savefile {
    uint8_t *bytes;
    size_t len, at;
    uint64_t file_bytes;
    uint8_t *plain; /* the current chunk, if it was compressed */
};

struct chunk {
    char type[5];
    uint32_t flags, crc;
    uint64_t stored, len;
    const uint8_t *bytes;
};

/* Takes the chunk at f->at. NULL, or what is wrong with the file. */
static const char *take_chunk(struct savefile *f, struct chunk *c)
{
    const uint8_t *h = f->bytes + f->at;
    size_t left = f->len - f->at;

    if (left < CHUNK_HEAD) {
        return "is cut short";
    }
    if (load_le32(h + 28) != crc32_of(h, 28)) {
        return "is damaged";
    }
    memcpy(c->type, h, 4);
    c->type[4] = 0;
    c->flags = load_le32(h + 4);
    c->stored = load_le64(h + 8);
    c->len = load_le64(h + 16);
    c->crc = load_le32(h + 24);
    c->bytes = h + CHUNK_HEAD;
    if (c->len > CHUNK_MAX || c->stored > CHUNK_MAX || c->flags & ~(unsigned)CHUNK_ZLIB ||
        (!(c->flags & CHUNK_ZLIB) && c->stored != c->len)) {
        return "is damaged";
    }
    if (c->stored > left - CHUNK_HEAD) {
        return "is cut short";
    }
    f->at += CHUNK_HEAD + (size_t)c->stored;
    return NULL;
}

static const char *expand(struct savefile *f, const struct chunk *c)
{
    free(f->plain);
    f->plain = NULL;
    if (!(c->flags & CHUNK_ZLIB)) {
        return NULL;
    }
    f->plain = xmalloc(c->len ? (size_t)c->len : 1);
    return expand_chunk(f->plain, (size_t)c->len, c->bytes, (size_t)c->stored);
}

static const char *check_chunk(struct savefile *f, struct chunk *c)
{
    const char *wrong = take_chunk(f, c);

    if (!wrong && crc32_of(c->bytes, (size_t)c->stored) != c->crc) {
        wrong = "is damaged";
    }
    return wrong ? wrong : expand(f, c);
}

static const char *check_all(struct savefile *f)
{
    struct chunk c;

    do {
        const char *wrong = check_chunk(f, &c);

        if (wrong) {
            return wrong;
        }
    } while (strcmp(c.type, "DONE"));
    if (f->at != f->len) {
        return "has more behind its end";
    }
    savefile_rewind(f);
    return NULL;
}

static const char *check_head(const struct savefile *f, const char *magic, uint32_t max_version)
{
    if (f->len < HEAD || memcmp(f->bytes, magic, 8)) {
        return "is no saved state";
    }
    if (load_le32(f->bytes + 12) != crc32_of(f->bytes, 12)) {
        return "is damaged";
    }
    return load_le32(f->bytes + 8) > max_version ? "was written by a newer version" : NULL;
}

/* At most max bytes of the file. */
static char *read_bytes(struct savefile *f, const char *path, uint64_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st)) {
        char *error = xasprintf("cannot open '%s': %s", path, strerror(errno));

        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    f->file_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    uint64_t want = f->file_bytes < max ? f->file_bytes : max;

    f->bytes = xmalloc(want ? (size_t)want : 1);
    while (f->len < want) {
        ssize_t n = read(fd, f->bytes + f->len, (size_t)want - f->len);

        if (n == 0 || (n < 0 && errno != EINTR)) {
            break; /* shorter than it was: found below */
        }
        f->len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return NULL;
}

static struct savefile *open_file(const char *path, const char *magic, uint32_t max_version,
                                  uint64_t max, char **error)
{
    struct savefile *f = xcalloc(1, sizeof(*f));
    const char *wrong;
    struct chunk c;

    *error = read_bytes(f, path, max);
    if (!*error) {
        wrong = check_head(f, magic, max_version);
        savefile_rewind(f);
        if (!wrong) {
            wrong = max == UINT64_MAX ? check_all(f) : check_chunk(f, &c);
        }
        savefile_rewind(f);
        *error = wrong ? xasprintf("'%s' %s", path, wrong) : NULL;
    }
    if (*error) {
        savefile_close(f);
        return NULL;
    }
    return f;
}

struct savefile *savefile_open(const char *path, const char *magic, uint32_t max_version,
                               char **error)
{
    return open_file(path, magic, max_version, UINT64_MAX, error);
}

struct savefile *savefile_peek(const char *path, const char *magic, uint32_t max_version,
                               char **error)
{
    return open_file(path, magic, max_version, 4096, error);
}

void savefile_close(struct savefile *f)
{
    free(f->bytes);
    free(f->plain);
    free(f);
}

bool savefile_next(struct savefile *f, char type[5], const uint8_t **data, size_t *len)
{
    struct chunk c;

    if (take_chunk(f, &c) || expand(f, &c) || !strcmp(c.type, "DONE")) {
        return false;
    }
    memcpy(type, c.type, sizeof(c.type));
    *data = f->plain ? f->plain : c.bytes;
    *len = (size_t)c.len;
    return true;
}

void savefile_rewind(struct savefile *f)
{
    f->at = HEAD;
}

uint64_t savefile_bytes(const struct savefile *f)
{
    return f->file_bytes;
}
