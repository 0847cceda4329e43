/* SPDX-License-Identifier: MIT */
/*
 * Saving writes chunk after chunk; loading looks at all of them first, puts the disks' contents
 * aside, and changes the machine only when nothing can fail any more.
 */
#include "frontends/vmstate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/endian.h"
#include "cpu/cpu.h"
#include "frontends/text.h"
#include "host/savefile.h"
#include "hw/machine.h"

#define MAGIC   "GNOMONVM"
#define VERSION 1

#define RAM_PAGES   1024u /* in one chunk */
#define DISK_RUNS   1024u
#define DISK_UNIT   4096u      /* sectors in one chunk */
#define STALE_MTIME 2000000000 /* ns: a file that changes again within this may keep its mtime */

/* The chunk INFO: lines of key=value. */

static int64_t unix_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void add_info(struct savefile_writer *w, const struct vmstate *v)
{
    struct text t = {0};

    text_printf(&t, "saved=%" PRId64 "\nguest-ns=%" PRIu64 "\ninstructions=%" PRIu64 "\n",
                unix_ns(), clock_now(&v->m->clock), cpu_icount(v->m->cpu));
    text_printf(&t, "host=%s\nconfig=%s\n", v->host ? v->host : "", v->config);
    savefile_add(w, "INFO", t.s, t.len);
    text_free(&t);
}

/* A line's value; caller frees. */
static char *info_get(const uint8_t *data, size_t len, const char *key)
{
    const char *p = (const char *)data, *end = p + len;
    size_t n = strlen(key);

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        stop = stop ? stop : end;
        if ((size_t)(stop - p) > n && !memcmp(p, key, n) && p[n] == '=') {
            return xasprintf("%.*s", (int)(stop - p - (ptrdiff_t)n - 1), p + n + 1);
        }
        p = stop + 1;
    }
    return xstrdup("");
}

static uint64_t info_number(const uint8_t *data, size_t len, const char *key)
{
    char *text = info_get(data, len, key);
    uint64_t v = strtoull(text, NULL, 10);

    free(text);
    return v;
}

/* The first "key=value" word of a that b does not have; NULL: they are the same. */
static char *first_difference(const char *a, const char *b)
{
    for (;;) {
        a += strspn(a, " ");
        size_t n = strcspn(a, " ");

        if (!n) {
            return NULL;
        }
        bool found = false;

        for (const char *p = b; *p && !found;) {
            p += strspn(p, " ");
            size_t m = strcspn(p, " ");

            found = m == n && !memcmp(p, a, n);
            p += m;
        }
        if (!found) {
            return xasprintf("%.*s", (int)n, a);
        }
        a += n;
    }
}

static char *check_config(const uint8_t *data, size_t len, const char *ours)
{
    char *saved = info_get(data, len, "config");
    char *theirs = first_difference(saved, ours), *mine = first_difference(ours, saved);
    char *error = NULL;

    if (theirs || mine) {
        error = xasprintf("it is of a machine with %s, and this one has %s",
                          theirs ? theirs : "less", mine ? mine : "less");
    }
    free(theirs);
    free(mine);
    free(saved);
    return error;
}

/* Saving. */

static bool is_zero(const uint8_t *page)
{
    return !page[0] && !memcmp(page, page + 1, PAGE_SIZE - 1);
}

static void put_le32(struct text *t, uint32_t v)
{
    uint8_t b[4];

    store_le32(b, v);
    text_add(t, (const char *)b, sizeof(b));
}

static void put_le64(struct text *t, uint64_t v)
{
    uint8_t b[8];

    store_le64(b, v);
    text_add(t, (const char *)b, sizeof(b));
}

static void flush_pages(struct savefile_writer *w, const uint8_t *ram, const uint32_t *page,
                        uint32_t *count)
{
    struct text t = {0};

    if (!*count) {
        return;
    }
    put_le32(&t, *count);
    for (uint32_t i = 0; i < *count; i++) {
        put_le32(&t, page[i]);
    }
    for (uint32_t i = 0; i < *count; i++) {
        text_add(&t, (const char *)ram + ((size_t)page[i] << PAGE_SHIFT), PAGE_SIZE);
    }
    savefile_add(w, "RAM ", t.s, t.len);
    text_free(&t);
    *count = 0;
}

static void add_ram(struct savefile_writer *w, const struct physmem *pm)
{
    uint32_t page[RAM_PAGES], count = 0;

    /* What was never used costs the host nothing by being looked at. */
    for (uint32_t at = 0; at < pm->ram_size >> PAGE_SHIFT; at++) {
        if (!is_zero(pm->ram + ((size_t)at << PAGE_SHIFT))) {
            page[count++] = at;
        }
        if (count == RAM_PAGES) {
            flush_pages(w, pm->ram, page, &count);
        }
    }
    flush_pages(w, pm->ram, page, &count);
}

/* One chunk of sectors, from *sector on. */
static char *add_sectors(struct savefile_writer *w, struct block *b, uint64_t *sector)
{
    struct text head = {0}, data = {0};
    uint32_t runs = 0, total = 0, count = 0;
    char *buf = xmalloc((size_t)DISK_UNIT * BLOCK_SECTOR), *error = NULL;

    while (!error && runs < DISK_RUNS && total < DISK_UNIT &&
           block_next_saved(b, sector, &count, DISK_UNIT - total)) {
        int err = block_read(b, *sector, buf, count);

        if (err) {
            error = xasprintf("disk image '%s' cannot be read: %s", block_path(b), strerror(-err));
        }
        put_le64(&head, *sector);
        put_le32(&head, count);
        text_add(&data, buf, (size_t)count * BLOCK_SECTOR);
        *sector += count;
        total += count;
        runs++;
    }
    if (runs && !error) {
        struct text t = {0};

        put_le32(&t, runs);
        text_add(&t, head.s, head.len);
        text_add(&t, data.s, data.len);
        savefile_add(w, "SECT", t.s, t.len);
        text_free(&t);
    }
    free(buf);
    text_free(&head);
    text_free(&data);
    return error;
}

static void put_string(struct text *t, const char *s)
{
    put_le32(t, (uint32_t)strlen(s));
    text_puts(t, s);
}

static char *add_disk(struct savefile_writer *w, const struct vmstate_disk *d)
{
    struct block_mark mark = {0};
    struct block *b = d->block;
    char *error = b ? block_take_mark(b, &mark) : NULL;
    struct text t = {0};

    if (error) {
        return error;
    }
    put_string(&t, d->name);
    put_le32(&t, b ? 1 + (uint32_t)block_place(b) : 0);
    put_le32(&t, b && block_read_only(b));
    put_le64(&t, mark.bytes);
    put_le64(&t, (uint64_t)mark.mtime);
    put_le64(&t, mark.hash);
    put_string(&t, b ? block_path(b) : "");
    savefile_add(w, "DISK", t.s, t.len);
    text_free(&t);
    for (uint64_t sector = 0; b && !error && sector < block_sectors(b);) {
        uint64_t from = sector;

        error = add_sectors(w, b, &sector);
        if (sector == from) {
            break;
        }
    }
    return error;
}

char *vmstate_save(const struct vmstate *v, const char *path)
{
    struct state_writer chips = {0};
    char *error = NULL;
    struct savefile_writer *w = savefile_create(path, MAGIC, VERSION, &error);

    if (!w) {
        return error;
    }
    add_info(w, v);
    machine_save_chips(v->m, &chips);
    if (v->section) {
        state_save(&chips, v->section, v->table, v->object);
    }
    savefile_add(w, "CHIP", chips.data, chips.len);
    state_writer_free(&chips);
    for (unsigned i = 0; i < v->disk_count && !error; i++) {
        error = add_disk(w, &v->disk[i]);
    }
    if (error) {
        savefile_abandon(w);
        return error;
    }
    add_ram(w, &v->m->mem);
    return savefile_commit(w);
}

/* Loading. */

/* What is ready to be put into one drive. */
struct plan {
    bool seen;
    bool change; /* insert new_block, NULL: take the medium out */
    struct block *new_block;
    struct block_stage *stage;
};

struct load {
    const struct vmstate *v;
    int64_t saved; /* ns */
    struct plan plan[VMSTATE_DISKS];
    struct plan *filling; /* SECT chunks belong to it */
    const uint8_t *p;     /* what is left of the chunk */
    size_t left;
};

static bool get_bytes(struct load *l, size_t n, const uint8_t **p)
{
    if (n > l->left) {
        return false;
    }
    *p = l->p;
    l->p += n;
    l->left -= n;
    return true;
}

static bool get_le32(struct load *l, uint32_t *v)
{
    const uint8_t *p;

    if (!get_bytes(l, 4, &p)) {
        return false;
    }
    *v = load_le32(p);
    return true;
}

static bool get_le64(struct load *l, uint64_t *v)
{
    const uint8_t *p;

    if (!get_bytes(l, 8, &p)) {
        return false;
    }
    *v = load_le64(p);
    return true;
}

static bool get_string(struct load *l, char *out, size_t size)
{
    const uint8_t *p;
    uint32_t n;

    if (!get_le32(l, &n) || n >= size || !get_bytes(l, n, &p)) {
        return false;
    }
    memcpy(out, p, n);
    out[n] = 0;
    return true;
}

static char *malformed(const char *what)
{
    return xasprintf("its chunk %s is malformed", what);
}

/* A disk as the file describes it. */
struct saved_disk {
    char name[32], path[4096];
    uint32_t place; /* 1 + enum block_place; 0: no medium */
    uint32_t read_only;
    struct block_mark mark;
};

static bool get_disk(struct load *l, struct saved_disk *d)
{
    uint64_t mtime;

    if (!get_string(l, d->name, sizeof(d->name)) || !get_le32(l, &d->place) ||
        !get_le32(l, &d->read_only) || !get_le64(l, &d->mark.bytes) || !get_le64(l, &mtime) ||
        !get_le64(l, &d->mark.hash) || !get_string(l, d->path, sizeof(d->path))) {
        return false;
    }
    d->mark.mtime = (int64_t)mtime;
    return d->place <= 1 + BLOCK_IN_MEMORY;
}

/* *same: the image file that b is on has the contents that it had. */
static char *compare(struct load *l, const struct saved_disk *d, struct block *b, bool *same)
{
    struct block_mark now;
    char *error = block_quick_mark(b, &now);

    *same = false;
    if (error || now.bytes != d->mark.bytes) {
        return error;
    }
    if (now.mtime && now.mtime == d->mark.mtime && l->saved - now.mtime > STALE_MTIME &&
        !strcmp(block_path(b), d->path)) {
        *same = true;
        return NULL;
    }
    error = block_take_mark(b, &now);
    *same = !error && now.hash == d->mark.hash;
    return error;
}

/* Can the saved contents be in this medium? NULL: yes. */
static char *judge_medium(struct load *l, const struct saved_disk *d, struct block *b)
{
    bool in_memory = d->place == 1 + BLOCK_IN_MEMORY, same;

    if (in_memory != (block_place(b) == BLOCK_IN_MEMORY) ||
        (in_memory && block_bytes(b) != d->mark.bytes)) {
        return xasprintf("drive %s has another disk ('%s', not '%s')", d->name, block_path(b),
                         d->path);
    }
    char *error = in_memory ? NULL : compare(l, d, b, &same);

    if (error || in_memory) {
        return error;
    }
    if (!same && strcmp(block_path(b), d->path)) {
        return xasprintf("drive %s has another disk ('%s', not '%s')", d->name, block_path(b),
                         d->path);
    }
    if (!same) {
        return xasprintf("drive %s: '%s' was written since (-snapshot keeps what a guest writes "
                         "with the saved state)",
                         d->name, d->path);
    }
    if (d->place == 1 + BLOCK_IN_OVERLAY && block_place(b) != BLOCK_IN_OVERLAY) {
        return xasprintf("drive %s: the guest's writes to '%s' are in the saved state: start with "
                         "-snapshot",
                         d->name, d->path);
    }
    return NULL;
}

/* The medium of a removable drive that is not the one in it now. */
static char *find_medium(struct load *l, unsigned n, const struct saved_disk *d, char *error)
{
    struct plan *plan = &l->plan[n];
    char *why = NULL;

    const struct block *now = l->v->disk[n].block;

    if (!l->v->disk[n].removable || !l->v->open || d->place == 1 + BLOCK_IN_MEMORY ||
        (now && !strcmp(block_path(now), d->path))) {
        return error;
    }
    struct block *b = l->v->open(l->v->opaque, n, d->path, d->read_only, &why);

    if (b) {
        free(why);
        why = judge_medium(l, d, b);
    }
    if (why) {
        if (b) {
            block_close(b);
        }
        free(error);
        return why;
    }
    free(error);
    plan->change = true;
    plan->new_block = b;
    return NULL;
}

static char *plan_disk(struct load *l)
{
    struct saved_disk d;
    unsigned n = 0;
    char *error = NULL;

    if (!get_disk(l, &d)) {
        return malformed("DISK");
    }
    while (n < l->v->disk_count && strcmp(l->v->disk[n].name, d.name)) {
        n++;
    }
    if (n == l->v->disk_count) {
        return xasprintf("it has a drive %s, which this machine lacks", d.name);
    }
    struct plan *plan = &l->plan[n];
    struct block *b = l->v->disk[n].block;

    if (plan->seen) {
        return malformed("DISK");
    }
    plan->seen = true;
    l->filling = plan;
    if (!d.place) {
        plan->change = b != NULL;
        return b && !l->v->disk[n].removable ? xasprintf("drive %s had no disk", d.name) : NULL;
    }
    error = b ? judge_medium(l, &d, b) : xasprintf("drive %s has no disk", d.name);
    if (error) {
        error = find_medium(l, n, &d, error);
    }
    if (error) {
        return error;
    }
    plan->stage = block_stage_new(plan->change ? plan->new_block : b, &error);
    return error;
}

static char *plan_sectors(struct load *l)
{
    const uint8_t *head, *data;
    uint32_t runs;

    if (!l->filling || !l->filling->stage || !get_le32(l, &runs) || runs > DISK_RUNS ||
        !get_bytes(l, (size_t)runs * 12, &head)) {
        return malformed("SECT");
    }
    for (uint32_t i = 0; i < runs; i++, head += 12) {
        uint32_t count = load_le32(head + 8);

        if (!get_bytes(l, (size_t)count * BLOCK_SECTOR, &data)) {
            return malformed("SECT");
        }
        int err = block_stage_write(l->filling->stage, load_le64(head), data, count);

        if (err) {
            return xasprintf("the disks' contents cannot be put aside: %s", strerror(-err));
        }
    }
    return NULL;
}

/* Calls fn for each page of the chunk. False: it is malformed. */
static bool each_page(struct load *l, uint32_t pages,
                      void (*fn)(struct load *l, uint32_t page, const uint8_t *data))
{
    const uint8_t *list, *data;
    uint32_t count;

    if (!get_le32(l, &count) || count > RAM_PAGES || !get_bytes(l, (size_t)count * 4, &list) ||
        !get_bytes(l, (size_t)count * PAGE_SIZE, &data) || l->left) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++, list += 4, data += PAGE_SIZE) {
        if (load_le32(list) >= pages) {
            return false;
        }
        if (fn) {
            fn(l, load_le32(list), data);
        }
    }
    return true;
}

static char *check_chips(const struct vmstate *v, const uint8_t *data, size_t len)
{
    char *error = machine_check_chips(v->m, data, len, v->section);

    if (!error && v->section) {
        error = state_check(data, len, v->section, v->table, v->object);
    }
    return error;
}

/* What each chunk asks for, in order, without a change to the machine. */
static char *plan_all(struct load *l, struct savefile *f)
{
    const struct vmstate *v = l->v;
    char type[5], *error = NULL;
    bool info = false, chips = false;

    while (!error && savefile_next(f, type, &l->p, &l->left)) {
        if (!strcmp(type, "INFO")) {
            info = true;
            l->saved = (int64_t)info_number(l->p, l->left, "saved");
            error = check_config(l->p, l->left, v->config);
        } else if (!strcmp(type, "CHIP")) {
            chips = true;
            error = check_chips(v, l->p, l->left);
        } else if (!strcmp(type, "DISK")) {
            error = plan_disk(l);
        } else if (!strcmp(type, "SECT")) {
            error = plan_sectors(l);
        } else if (!strcmp(type, "RAM ")) {
            error = each_page(l, v->m->mem.ram_size >> PAGE_SHIFT, NULL) ? NULL : malformed("RAM");
        } else {
            error = xasprintf("it has an unknown chunk '%s'", type);
        }
    }
    if (!error && (!info || !chips)) {
        error = malformed(info ? "CHIP" : "INFO");
    }
    for (unsigned i = 0; i < v->disk_count && !error; i++) {
        if (!l->plan[i].seen) {
            error = xasprintf("it has no drive %s", v->disk[i].name);
        }
    }
    return error;
}

static void drop_plan(struct load *l)
{
    for (unsigned i = 0; i < VMSTATE_DISKS; i++) {
        block_stage_drop(l->plan[i].stage);
        if (l->plan[i].new_block) {
            block_close(l->plan[i].new_block);
        }
    }
}

static void load_page(struct load *l, uint32_t page, const uint8_t *data)
{
    memcpy(l->v->m->mem.ram + ((size_t)page << PAGE_SHIFT), data, PAGE_SIZE);
}

static void carry_out(struct load *l, struct savefile *f)
{
    const struct vmstate *v = l->v;
    char type[5];

    for (unsigned i = 0; i < v->disk_count; i++) {
        if (l->plan[i].stage) {
            block_stage_commit(l->plan[i].stage);
        }
        if (l->plan[i].change) {
            v->insert(v->opaque, i, l->plan[i].new_block);
        }
    }
    physmem_clear(&v->m->mem);
    savefile_rewind(f);
    while (savefile_next(f, type, &l->p, &l->left)) {
        if (!strcmp(type, "RAM ")) {
            each_page(l, v->m->mem.ram_size >> PAGE_SHIFT, load_page);
        }
    }
    savefile_rewind(f);
    while (savefile_next(f, type, &l->p, &l->left)) {
        if (!strcmp(type, "CHIP")) {
            machine_load_chips(v->m, l->p, l->left);
            if (v->section) {
                free(state_load(l->p, l->left, v->section, v->table, v->object));
                clock_sort_restored(&v->m->clock);
            }
        }
    }
}

char *vmstate_load(const struct vmstate *v, const char *path)
{
    struct load l = {.v = v};
    char *error = NULL;
    struct savefile *f = savefile_open(path, MAGIC, VERSION, &error);

    if (!f) {
        return error;
    }
    char *why = plan_all(&l, f);

    if (why) {
        drop_plan(&l);
        error = xasprintf("'%s' cannot be loaded: %s", path, why);
        free(why);
    } else {
        carry_out(&l, f);
    }
    savefile_close(f);
    return error;
}

char *vmstate_get_info(const char *path, struct vmstate_info *info)
{
    char *error = NULL, type[5];
    const uint8_t *p;
    size_t len;
    struct savefile *f = savefile_peek(path, MAGIC, VERSION, &error);

    if (!f) {
        return error;
    }
    if (savefile_next(f, type, &p, &len) && !strcmp(type, "INFO")) {
        *info = (struct vmstate_info){
            .saved = (int64_t)(info_number(p, len, "saved") / 1000000000u),
            .guest_ns = info_number(p, len, "guest-ns"),
            .instructions = info_number(p, len, "instructions"),
            .bytes = savefile_bytes(f),
        };
    } else {
        error = xasprintf("'%s' is no saved state", path);
    }
    savefile_close(f);
    return error;
}
