/* SPDX-License-Identifier: MIT */
/*
 * State tables to bytes and back. docs/state-format.md describes the bytes; in short, all numbers
 * little-endian:
 *
 *     section:  u16 length of name, name, u32 length of what follows, fields
 *     field:    u8 length of name, name, u8 kind, u8 width, u32 count, data
 *     data:     INT: count numbers of width bytes; BYTES, BUF: count bytes;
 *               EVENT: when, and its place in the list, for events due at the same instant;
 *               SUB: per element u32 length of its fields, fields
 *
 * The bytes may come from anywhere, so a load checks every length against what is left.
 */
#include "base/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

#define EVENT_NUMBERS 2 /* the first alone is accepted too */

/* The writer. */

static void put(struct state_writer *w, const void *bytes, size_t n)
{
    if (n > w->cap - w->len) {
        w->cap = (w->len + n) * 2 + 256;
        w->data = xrealloc(w->data, w->cap);
    }
    if (n) {
        memcpy(w->data + w->len, bytes, n);
    }
    w->len += n;
}

static void put_u8(struct state_writer *w, uint8_t v)
{
    put(w, &v, 1);
}

static void put_u32(struct state_writer *w, uint32_t v)
{
    uint8_t b[4];

    store_le32(b, v);
    put(w, b, 4);
}

/* Leaves room for a length; end_length() fills it in. */
static size_t begin_length(struct state_writer *w)
{
    put_u32(w, 0);
    return w->len;
}

static void end_length(struct state_writer *w, size_t start)
{
    store_le32(w->data + start - 4, (uint32_t)(w->len - start));
}

/* One element as a number. Widths other than 1, 2, 4, 8 are moved as bytes. */
static bool width_is_number(unsigned width)
{
    return width == 1 || width == 2 || width == 4 || width == 8;
}

static uint64_t element_get(const void *p, unsigned width)
{
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (width) {
    case 1: memcpy(&v8, p, 1); return v8;
    case 2: memcpy(&v16, p, 2); return v16;
    case 4: memcpy(&v32, p, 4); return v32;
    default: memcpy(&v64, p, 8); return v64;
    }
}

static void element_set(void *p, unsigned width, uint64_t v)
{
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    switch (width) {
    case 1: memcpy(p, &v8, 1); break;
    case 2: memcpy(p, &v16, 2); break;
    case 4: memcpy(p, &v32, 4); break;
    default: memcpy(p, &v, 8); break;
    }
}

static const uint8_t *buf_bytes(const struct state_field *f, const void *obj, uint32_t *size)
{
    const uint8_t *bytes;

    memcpy(size, (const char *)obj + f->size_offset, sizeof(*size));
    memcpy(&bytes, (const char *)obj + f->offset, sizeof(bytes));
    if (!bytes) {
        *size = 0;
    }
    return bytes;
}

static void save_numbers(struct state_writer *w, const struct state_field *f, const uint8_t *p)
{
    if (!width_is_number(f->width)) {
        put(w, p, (size_t)f->width * f->count);
        return;
    }
    for (uint32_t i = 0; i < f->count; i++, p += f->width) {
        uint8_t b[8];

        store_le64(b, element_get(p, f->width));
        put(w, b, f->width);
    }
}

static void save_fields(struct state_writer *w, const struct state_field *table, const void *obj);

static void save_field(struct state_writer *w, const struct state_field *f, const void *obj)
{
    const uint8_t *p = (const uint8_t *)obj + f->offset;
    size_t len = strlen(f->name);
    uint32_t count = f->count;
    const uint8_t *buf = NULL;

    if (f->kind == STATE_K_BUF) {
        buf = buf_bytes(f, obj, &count);
    } else if (f->kind == STATE_K_EVENT) {
        count = EVENT_NUMBERS;
    }
    put_u8(w, (uint8_t)len);
    put(w, f->name, (uint8_t)len);
    put_u8(w, (uint8_t)f->kind);
    put_u8(w, f->kind == STATE_K_SUB ? 0 : (uint8_t)f->width);
    put_u32(w, count);
    switch (f->kind) {
    case STATE_K_INT: save_numbers(w, f, p); break;
    case STATE_K_BYTES: put(w, p, count); break;
    case STATE_K_BUF: put(w, buf, count); break;
    case STATE_K_EVENT: {
        const struct clock_event *e = (const void *)p;
        uint8_t b[8 * EVENT_NUMBERS];

        store_le64(b, e->when);
        store_le64(b + 8, clock_position(e));
        put(w, b, sizeof(b));
        break;
    }
    case STATE_K_SUB:
        for (uint32_t i = 0; i < count; i++) {
            size_t start = begin_length(w);

            save_fields(w, f->sub, p + (size_t)i * f->width);
            end_length(w, start);
        }
        break;
    case STATE_K_END: break;
    }
}

static void save_fields(struct state_writer *w, const struct state_field *table, const void *obj)
{
    for (const struct state_field *f = table; f->kind != STATE_K_END; f++) {
        save_field(w, f, obj);
    }
}

void state_save(struct state_writer *w, const char *section, const struct state_field *table,
                const void *obj)
{
    size_t len = strlen(section);
    uint8_t b[2];

    store_le16(b, (uint16_t)len);
    put(w, b, 2);
    put(w, section, (uint16_t)len);
    size_t start = begin_length(w);
    save_fields(w, table, obj);
    end_length(w, start);
}

void state_writer_free(struct state_writer *w)
{
    free(w->data);
    *w = (struct state_writer){0};
}

/* The reader. */

struct reader {
    const uint8_t *p;
    uint64_t left;
    const char *section;
    bool check; /* nothing is stored */
};

static bool take(struct reader *r, size_t n, const uint8_t **p)
{
    if (n > r->left) {
        return false;
    }
    *p = r->p;
    r->p += n;
    r->left -= n;
    return true;
}

static bool take_number(struct reader *r, unsigned width, uint64_t *v)
{
    const uint8_t *p;
    uint8_t b[8] = {0};

    if (!take(r, width, &p)) {
        return false;
    }
    memcpy(b, p, width);
    *v = load_le64(b);
    return true;
}

static char *truncated(const struct reader *r)
{
    return xasprintf("saved state of %s is truncated", r->section);
}

/* What a field says of itself. */
struct field_head {
    char name[256];
    uint8_t kind, width;
    uint32_t count;
};

static bool take_head(struct reader *r, struct field_head *h)
{
    const uint8_t *name;
    uint64_t len, kind, width, count;

    if (!take_number(r, 1, &len) || !take(r, len, &name) || !take_number(r, 1, &kind) ||
        !take_number(r, 1, &width) || !take_number(r, 4, &count)) {
        return false;
    }
    memcpy(h->name, name, len);
    h->name[len] = 0;
    h->kind = (uint8_t)kind;
    h->width = (uint8_t)width;
    h->count = (uint32_t)count;
    return true;
}

static const struct state_field *find_field(const struct state_field *table, const char *name)
{
    for (const struct state_field *f = table; f->kind != STATE_K_END; f++) {
        if (!strcmp(f->name, name)) {
            return f;
        }
    }
    return NULL;
}

static char *load_fields(struct reader *r, const struct state_field *table, void *obj);

static char *load_sub(struct reader *r, const struct state_field *f, uint8_t *p)
{
    for (uint32_t i = 0; i < f->count; i++) {
        struct reader inner = {.section = r->section, .check = r->check};
        uint64_t len;

        if (!take_number(r, 4, &len) || !take(r, len, &inner.p)) {
            return truncated(r);
        }
        inner.left = len;
        char *error = load_fields(&inner, f->sub, p + (size_t)i * f->width);
        if (error) {
            return error;
        }
    }
    return NULL;
}

static void store(const struct reader *r, void *to, const void *from, size_t n)
{
    if (n && !r->check) {
        memcpy(to, from, n);
    }
}

/* count is the saved one: it fits. */
static char *load_data(struct reader *r, const struct state_field *f, uint32_t count, void *obj)
{
    uint8_t *p = (uint8_t *)obj + f->offset;
    const uint8_t *bytes;
    uint64_t v, position = 0;

    switch (f->kind) {
    case STATE_K_INT:
        if (!width_is_number(f->width)) {
            if (!take(r, (size_t)f->width * f->count, &bytes)) {
                return truncated(r);
            }
            store(r, p, bytes, (size_t)f->width * f->count);
            return NULL;
        }
        for (uint32_t i = 0; i < f->count; i++) {
            if (!take_number(r, f->width, &v)) {
                return truncated(r);
            }
            if (!r->check) {
                element_set(p + (size_t)i * f->width, f->width, f->boolean ? v != 0 : v);
            }
        }
        return NULL;
    case STATE_K_BYTES:
        if (!take(r, f->count, &bytes)) {
            return truncated(r);
        }
        store(r, p, bytes, f->count);
        return NULL;
    case STATE_K_BUF: {
        uint32_t size;
        uint8_t *to = (uint8_t *)(uintptr_t)buf_bytes(f, obj, &size);

        if (!take(r, count, &bytes)) {
            return truncated(r);
        }
        store(r, to, bytes, count);
        store(r, (char *)obj + f->size_offset, &count, f->count ? sizeof(count) : 0);
        if (size > count && !r->check) {
            memset(to + count, 0, size - count);
        }
        return NULL;
    }
    case STATE_K_EVENT:
        if (!take_number(r, 8, &v) || (count > 1 && !take_number(r, 8, &position))) {
            return truncated(r);
        }
        if (!r->check) {
            clock_restore((struct clock_event *)(void *)p, v, (uint32_t)position);
        }
        return NULL;
    case STATE_K_SUB: return load_sub(r, f, p);
    case STATE_K_END: break;
    }
    return NULL;
}

static char *load_fields(struct reader *r, const struct state_field *table, void *obj)
{
    while (r->left) {
        struct field_head h;

        if (!take_head(r, &h)) {
            return truncated(r);
        }
        const struct state_field *f = find_field(table, h.name);
        if (!f) {
            return xasprintf("saved state of %s has an unknown field '%s'", r->section, h.name);
        }
        uint32_t count = f->count;
        if (f->kind == STATE_K_BUF) {
            buf_bytes(f, obj, &count);
            count = f->count && h.count <= f->count ? h.count : count;
        }
        if (f->kind == STATE_K_EVENT) {
            count = h.count == 1 ? 1 : EVENT_NUMBERS;
        }
        unsigned width = f->kind == STATE_K_SUB ? 0 : (uint8_t)f->width;
        if (h.kind != f->kind || h.width != width || h.count != count) {
            return xasprintf("saved state of %s: field '%s' has %u elements of %u bytes, not %u of "
                             "%u",
                             r->section, h.name, h.count, h.width, count, width);
        }
        char *error = load_data(r, f, h.count, obj);
        if (error) {
            return error;
        }
    }
    return NULL;
}

static bool take_section(struct reader *r, const uint8_t **name, uint64_t *name_len,
                         struct reader *body)
{
    return take_number(r, 2, name_len) && take(r, *name_len, name) &&
           take_number(r, 4, &body->left) && take(r, body->left, &body->p);
}

static char *read_section(struct reader *r, const struct state_field *table, void *obj)
{
    while (r->left) {
        struct reader body = {.section = r->section, .check = r->check};
        const uint8_t *name;
        uint64_t name_len;

        if (!take_section(r, &name, &name_len, &body)) {
            return truncated(r);
        }
        if (name_len == strlen(r->section) && !memcmp(name, r->section, name_len)) {
            return load_fields(&body, table, obj);
        }
    }
    return xasprintf("saved state has no section '%s'", r->section);
}

char *state_load(const uint8_t *data, size_t len, const char *section,
                 const struct state_field *table, void *obj)
{
    struct reader r = {data, len, section, false};

    return read_section(&r, table, obj);
}

char *state_check(const uint8_t *data, size_t len, const char *section,
                  const struct state_field *table, const void *obj)
{
    struct reader r = {data, len, section, true};

    return read_section(&r, table, (void *)(uintptr_t)obj);
}

bool state_next_section(const uint8_t **data, size_t *len, char name[256])
{
    struct reader r = {.p = *data, .left = *len}, body;
    const uint8_t *text;
    uint64_t n;

    if (!r.left || !take_section(&r, &text, &n, &body)) {
        return false;
    }
    n = n < 255 ? n : 255;
    memcpy(name, text, n);
    name[n] = 0;
    *data = r.p;
    *len = r.left;
    return true;
}

uint64_t state_hash(const struct state_field *table, const void *obj, uint64_t seed)
{
    struct state_writer w = {0};
    uint64_t h = 0xcbf29ce484222325ull ^ seed;

    save_fields(&w, table, obj);
    for (size_t i = 0; i < w.len; i++) {
        h = (h ^ w.data[i]) * 0x100000001b3ull;
    }
    state_writer_free(&w);
    return h;
}

/* Where diff prints, and how much it has. */
struct diff {
    void (*print)(void *opaque, const char *line);
    void *opaque;
    unsigned count;
};

static void diff_report(struct diff *d, const char *prefix, const struct state_field *f, uint32_t i,
                        uint64_t a, uint64_t b)
{
    char line[256], index[16] = "";

    if (f->count != 1) {
        snprintf(index, sizeof(index), "[%u]", i);
    }
    snprintf(line, sizeof(line), "%s%s%s: %#" PRIx64 " -> %#" PRIx64, prefix, f->name, index, a, b);
    d->count++;
    d->print(d->opaque, line);
}

static void diff_bytes(struct diff *d, const char *prefix, const struct state_field *f,
                       const uint8_t *a, const uint8_t *b, uint32_t n)
{
    struct state_field indexed = *f;

    indexed.count = 0; /* always with an index */
    for (uint32_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            diff_report(d, prefix, &indexed, i, a[i], b[i]);
        }
    }
}

static void diff_fields(struct diff *d, const char *prefix, const struct state_field *table,
                        const void *a, const void *b);

static void diff_field(struct diff *d, const char *prefix, const struct state_field *f,
                       const void *a, const void *b)
{
    const uint8_t *pa = (const uint8_t *)a + f->offset, *pb = (const uint8_t *)b + f->offset;
    uint32_t na, nb;

    switch (f->kind) {
    case STATE_K_INT:
        if (!width_is_number(f->width)) {
            diff_bytes(d, prefix, f, pa, pb, f->width * f->count);
            break;
        }
        for (uint32_t i = 0; i < f->count; i++) {
            uint64_t va = element_get(pa + (size_t)i * f->width, f->width);
            uint64_t vb = element_get(pb + (size_t)i * f->width, f->width);

            if (va != vb) {
                diff_report(d, prefix, f, i, va, vb);
            }
        }
        break;
    case STATE_K_BYTES: diff_bytes(d, prefix, f, pa, pb, f->count); break;
    case STATE_K_BUF: {
        const uint8_t *ba = buf_bytes(f, a, &na), *bb = buf_bytes(f, b, &nb);

        if (na != nb) {
            diff_report(d, prefix, f, 0, na, nb);
        } else {
            diff_bytes(d, prefix, f, ba, bb, na);
        }
        break;
    }
    case STATE_K_EVENT: {
        uint64_t wa = ((const struct clock_event *)(const void *)pa)->when;
        uint64_t wb = ((const struct clock_event *)(const void *)pb)->when;

        if (wa != wb) {
            diff_report(d, prefix, f, 0, wa, wb);
        }
        break;
    }
    case STATE_K_SUB:
        for (uint32_t i = 0; i < f->count; i++) {
            char inner[128];

            if (f->count == 1) {
                snprintf(inner, sizeof(inner), "%s%s.", prefix, f->name);
            } else {
                snprintf(inner, sizeof(inner), "%s%s[%u].", prefix, f->name, i);
            }
            diff_fields(d, inner, f->sub, pa + (size_t)i * f->width, pb + (size_t)i * f->width);
        }
        break;
    case STATE_K_END: break;
    }
}

static void diff_fields(struct diff *d, const char *prefix, const struct state_field *table,
                        const void *a, const void *b)
{
    for (const struct state_field *f = table; f->kind != STATE_K_END; f++) {
        diff_field(d, prefix, f, a, b);
    }
}

unsigned state_diff(const struct state_field *table, const void *a, const void *b,
                    void (*print)(void *opaque, const char *line), void *opaque)
{
    struct diff d = {print, opaque, 0};

    diff_fields(&d, "", table, a, b);
    return d.count;
}

struct each {
    void (*fn)(void *opaque, const char *path, uint64_t v, unsigned width);
    void *opaque;
};

static void each_fields(const struct each *e, const char *prefix, const struct state_field *table,
                        const void *obj)
{
    for (const struct state_field *f = table; f->kind != STATE_K_END; f++) {
        const uint8_t *p = (const uint8_t *)obj + f->offset;

        for (uint32_t i = 0; i < f->count && f->kind != STATE_K_BUF; i++, p += f->width) {
            char path[160], index[16] = "";

            if (f->count > 1) {
                snprintf(index, sizeof(index), "[%u]", i);
            }
            snprintf(path, sizeof(path), "%s%s%s%s", prefix, f->name, index,
                     f->kind == STATE_K_SUB ? "." : "");
            if (f->kind == STATE_K_SUB) {
                each_fields(e, path, f->sub, p);
            } else if (f->kind == STATE_K_EVENT) {
                e->fn(e->opaque, path, ((const struct clock_event *)(const void *)p)->when, 8);
            } else if (f->kind == STATE_K_INT && width_is_number(f->width)) {
                e->fn(e->opaque, path, element_get(p, f->width), f->width);
            }
        }
    }
}

void state_each(const struct state_field *table, const void *obj,
                void (*fn)(void *opaque, const char *path, uint64_t v, unsigned width),
                void *opaque)
{
    each_fields(&(struct each){fn, opaque}, "", table, obj);
}

struct wanted {
    const char *path;
    uint64_t v;
    bool found;
};

static void compare_path(void *opaque, const char *path, uint64_t v, unsigned width)
{
    struct wanted *w = opaque;

    (void)width;
    if (!w->found && !strcmp(path, w->path)) {
        w->found = true;
        w->v = v;
    }
}

bool state_get(const struct state_field *table, const void *obj, const char *path, uint64_t *v)
{
    struct wanted w = {.path = path};

    state_each(table, obj, compare_path, &w);
    *v = w.v;
    return w.found;
}
