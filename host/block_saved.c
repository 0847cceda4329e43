/* SPDX-License-Identifier: MIT */
/*
 * What saved state needs of a disk: its mark, the contents that are not in its file, and a way to
 * put such contents back that leaves the old ones alone until all are there.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "host/block_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endian.h"

#define HASH_UNIT 4096u /* what is hashed at a time; all zeros counts nothing */
#define READ_UNIT (1024u * 1024u)

enum block_place block_place(const struct block *b)
{
    return b->memory ? BLOCK_IN_MEMORY : b->cow ? BLOCK_IN_OVERLAY : BLOCK_IN_FILE;
}

/* The mark. */

char *block_quick_mark(struct block *b, struct block_mark *mark)
{
    struct stat st;

    *mark = (struct block_mark){.bytes = b->bytes};
    if (b->fd < 0) {
        return NULL;
    }
    int err = block_flush(b);

    if (err || fstat(b->fd, &st)) {
        return xasprintf("disk image '%s': %s", b->path, strerror(err ? -err : errno));
    }
    if (S_ISREG(st.st_mode)) {
        mark->mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    }
    return NULL;
}

/* One unit at this offset. Zeros are 0 wherever they are: a hole is the same as zeros. */
static uint64_t hash_unit(const uint8_t *p, size_t len, uint64_t offset)
{
    uint64_t h = (offset / HASH_UNIT + 1) * 0x9e3779b97f4a7c15ull, any = 0;

    for (size_t i = 0; i < len; i += 8) {
        uint8_t last[8] = {0};
        const uint8_t *word = p + i;

        if (len - i < 8) {
            memcpy(last, word, len - i);
            word = last;
        }
        uint64_t v = load_le64(word);

        any |= v;
        h = (h ^ v) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    return any ? h : 0;
}

static int hash_range(struct block *b, uint64_t from, uint64_t to, uint64_t *hash)
{
    uint8_t *buf = xmalloc(READ_UNIT);
    int err = 0;

    while (from < to && !err) {
        size_t n = to - from < READ_UNIT ? (size_t)(to - from) : READ_UNIT;

        err = block_raw_read(b->fd, from, buf, n);
        for (size_t i = 0; i < n && !err; i += HASH_UNIT) {
            *hash += hash_unit(buf + i, n - i < HASH_UNIT ? n - i : HASH_UNIT, from + i);
        }
        from += n;
    }
    free(buf);
    return err;
}

static int hash_file(struct block *b, uint64_t *hash)
{
    uint64_t at = 0;
    int err = 0;

    *hash = 0;
    while (at < b->bytes && !err) {
        off_t data = lseek(b->fd, (off_t)at, SEEK_DATA), hole = -1;

        if (data < 0 && errno == ENXIO) {
            break;
        }
        if (data >= 0) {
            hole = lseek(b->fd, data, SEEK_HOLE);
        }
        uint64_t from = hole < 0 ? at : (uint64_t)data & ~(uint64_t)(HASH_UNIT - 1);
        uint64_t to =
            hole < 0 ? b->bytes : ((uint64_t)hole + HASH_UNIT - 1) & ~(uint64_t)(HASH_UNIT - 1);

        from = from < at ? at : from;
        at = to < b->bytes ? to : b->bytes;
        err = hash_range(b, from, at, hash);
    }
    return err;
}

char *block_take_mark(struct block *b, struct block_mark *mark)
{
    char *error = block_quick_mark(b, mark);

    if (error || b->fd < 0) {
        return error;
    }
    if (b->mark_known && mark->mtime && b->mark.mtime == mark->mtime) {
        *mark = b->mark;
        return NULL;
    }
    int err = hash_file(b, &mark->hash);

    if (err) {
        return xasprintf("disk image '%s' cannot be read: %s", b->path, strerror(-err));
    }
    b->mark = *mark;
    b->mark_known = true;
    return NULL;
}

/* What is saved with the machine. */

bool block_next_saved(const struct block *b, uint64_t *sector, uint32_t *count, uint32_t max)
{
    while (*sector < b->sectors) {
        uint64_t left = b->sectors - *sector;
        uint32_t n = left < max ? (uint32_t)left : max;
        bool saved = b->memory != NULL;

        if (b->cow) {
            n = block_cow_run(b->cow, *sector, n, &saved);
        } else if (!b->memory) {
            return false;
        }
        if (saved) {
            *count = n;
            return true;
        }
        *sector += n;
    }
    return false;
}

struct block_stage {
    struct block *b;
    struct block_cow *cow;
    uint8_t *memory;
};

struct block_stage *block_stage_new(struct block *b, char **error)
{
    struct block_stage *s = xcalloc(1, sizeof(*s));

    s->b = b;
    if (b->memory) {
        s->memory = xcalloc(b->sectors ? (size_t)b->sectors : 1, BLOCK_SECTOR);
    } else if (b->cow) {
        s->cow = block_cow_new(b->sectors, error);
        if (!s->cow) {
            free(s);
            return NULL;
        }
    }
    return s;
}

int block_stage_write(struct block_stage *s, uint64_t sector, const void *buf, uint32_t count)
{
    if (sector > s->b->sectors || count > s->b->sectors - sector) {
        return -EINVAL;
    }
    if (s->memory) {
        memcpy(s->memory + sector * BLOCK_SECTOR, buf, (size_t)count * BLOCK_SECTOR);
        return 0;
    }
    return s->cow ? block_cow_write(s->cow, sector, buf, count) : -EROFS;
}

void block_stage_commit(struct block_stage *s)
{
    if (s->memory) {
        free(s->b->memory);
        s->b->memory = s->memory;
    } else if (s->cow) {
        block_cow_free(s->b->cow);
        s->b->cow = s->cow;
    }
    free(s);
}

void block_stage_drop(struct block_stage *s)
{
    if (s) {
        block_cow_free(s->cow);
        free(s->memory);
        free(s);
    }
}
