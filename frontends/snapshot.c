/* SPDX-License-Identifier: MIT */
#include "frontends/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "frontends/control.h"
#include "frontends/session.h"
#include "frontends/vmstate.h"

#define SUFFIX     ".vmstate"
#define TAG_MAX    128
#define MAX_LISTED 256

char *snapshot_base(const struct session *s)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(s, info);

    if (s->o->snapshot_dir) {
        return xasprintf("%s/", s->o->snapshot_dir);
    }
    /* Disks before CDs before floppies: what the machine is known by. */
    for (int kind = 0; kind < 3; kind++) {
        for (unsigned i = 0; i < n; i++) {
            int is = !info[i].removable ? 0 : info[i].cdrom ? 1 : 2;

            if (is == kind && info[i].block && block_place(info[i].block) != BLOCK_IN_MEMORY) {
                return xasprintf("%s.", block_path(info[i].block));
            }
        }
    }
    return xstrdup("gnomon.");
}

/* The tag's file; NULL and a message if it is none. */
static char *path_of(const struct session *s, const char *tag, char **error)
{
    if (!strncmp(tag, "file:", 5) && tag[5]) {
        return xstrdup(tag + 5);
    }
    bool good = tag[0] && tag[0] != '.' && strlen(tag) <= TAG_MAX;

    for (const char *p = tag; *p && good; p++) {
        good = *p != '/' && (unsigned char)*p >= ' ';
    }
    if (!good) {
        *error = xasprintf("'%s' is no tag: write a name without '/', or file:PATH", tag);
        return NULL;
    }
    return xasprintf("%s%s" SUFFIX, s->snapshot_base, tag);
}

/* Every tag there is. */

struct listed {
    char tag[TAG_MAX + 1];
    struct vmstate_info info;
};

/* "base" cut into a folder and the first letters of a name. */
static char *folder_of(const char *base, const char **prefix)
{
    const char *slash = strrchr(base, '/');

    *prefix = slash ? slash + 1 : base;
    return slash ? xasprintf("%.*s", (int)(slash - base + 1), base) : xstrdup(".");
}

static bool tag_of(const char *name, const char *prefix, char tag[TAG_MAX + 1])
{
    size_t n = strlen(name), front = strlen(prefix), back = strlen(SUFFIX);

    if (n <= front + back || n - front - back > TAG_MAX || strncmp(name, prefix, front) ||
        strcmp(name + n - back, SUFFIX) || name[front] == '.') {
        return false;
    }
    memcpy(tag, name + front, n - front - back);
    tag[n - front - back] = 0;
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->info.saved != y->info.saved) {
        return x->info.saved < y->info.saved ? -1 : 1;
    }
    return strcmp(x->tag, y->tag);
}

static unsigned list_tags(const struct session *s, struct listed *list, unsigned max)
{
    const char *prefix;
    char *folder = folder_of(s->snapshot_base, &prefix);
    DIR *d = opendir(folder);
    struct dirent *e;
    unsigned n = 0;

    while (d && n < max && (e = readdir(d))) {
        if (!tag_of(e->d_name, prefix, list[n].tag)) {
            continue;
        }
        char *path = xasprintf("%s/%s", folder, e->d_name);
        char *error = vmstate_get_info(path, &list[n].info);

        n += !error;
        free(error);
        free(path);
    }
    if (d) {
        closedir(d);
    }
    free(folder);
    qsort(list, n, sizeof(*list), by_time);
    return n;
}

void snapshot_list(struct session *s, struct text *out)
{
    struct listed *list = xcalloc(MAX_LISTED, sizeof(*list));
    unsigned n = list_tags(s, list, MAX_LISTED);

    if (!n) {
        text_puts(out, "There is no snapshot available.\r\n");
    } else {
        text_puts(out, "List of snapshots present:\r\n"
                       "ID        TAG               VM SIZE                DATE     VM CLOCK"
                       "     ICOUNT\r\n");
    }
    for (unsigned i = 0; i < n; i++) {
        const struct vmstate_info *v = &list[i].info;
        time_t saved = (time_t)v->saved;
        char date[32], clock[32], size[32];
        uint64_t ms = v->guest_ns / 1000000;
        struct tm t;

        localtime_r(&saved, &t);
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &t);
        snprintf(clock, sizeof(clock), "%02u:%02u:%02u.%03u", (unsigned)(ms / 3600000),
                 (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
        snprintf(size, sizeof(size), "%.3g %s",
                 (double)v->bytes / (v->bytes < 1 << 20 ? 1024 : 1 << 20),
                 v->bytes < 1 << 20 ? "KiB" : "MiB");
        text_printf(out, "%-9s %-16s %8s %20s %12s %10llu\r\n", "--", list[i].tag, size, date,
                    clock, (unsigned long long)v->instructions);
    }
    free(list);
}

void snapshot_tags(struct session *s, struct text *out)
{
    struct listed *list = xcalloc(MAX_LISTED, sizeof(*list));
    unsigned n = list_tags(s, list, MAX_LISTED);

    for (unsigned i = 0; i < n; i++) {
        text_printf(out, "%s\n", list[i].tag);
    }
    free(list);
}

bool snapshot_exists(struct session *s, const char *tag)
{
    char *error = NULL, *path = path_of(s, tag, &error);
    bool there = path && !access(path, F_OK);

    free(error);
    free(path);
    return there;
}

static char *no_such_tag(struct session *s, const char *tag)
{
    struct listed *list = xcalloc(MAX_LISTED, sizeof(*list));
    const char *names[MAX_LISTED];
    unsigned n = list_tags(s, list, MAX_LISTED);
    char *error;

    for (unsigned i = 0; i < n; i++) {
        names[i] = list[i].tag;
    }
    error = n ? xasprintf("Snapshot '%s' does not exist: did you mean '%s'?", tag,
                          nearest_name(tag, names, n))
              : xasprintf("Snapshot '%s' does not exist: there is no '%s%s" SUFFIX "'", tag,
                          s->snapshot_base, tag);
    free(list);
    return error;
}

/* What is saved of the front end: keys on their way. */

static const struct state_field typed_state[] = {
    STATE(struct typed, key),
    STATE(struct typed, down),
    STATE(struct typed, ns),
    STATE_END,
};

static const struct state_field session_state[] = {
    STATE_EVENT(struct session, typing),
    STATE_SUBS(struct session, typed, struct typed, SESSION_TYPED, typed_state),
    STATE(struct session, typed_first),
    STATE(struct session, typed_count),
    STATE(struct session, mouse_buttons),
    STATE_END,
};

/* Whatever the file said. */
static void sanitize(struct session *s)
{
    s->typed_first %= SESSION_TYPED;
    s->typed_count = s->typed_count <= SESSION_TYPED ? s->typed_count : 0;
    for (unsigned i = 0; i < SESSION_TYPED; i++) {
        if (s->typed[i].key >= KEY_COUNT) {
            s->typed[i] = (struct typed){.key = KEY_NONE};
        }
    }
}

/* Drives, as control.h counts them. */

static struct block *open_for_load(void *opaque, unsigned n, const char *path, bool read_only,
                                   char **error)
{
    struct session *s = opaque;
    struct drive_info info[CONTROL_DRIVES];

    control_drives(s, info);
    return control_open_medium(s, info[n].name, path, read_only, error);
}

static void insert_for_load(void *opaque, unsigned n, struct block *block)
{
    struct session *s = opaque;
    struct drive_info info[CONTROL_DRIVES];

    control_drives(s, info);
    free(control_insert(s, info[n].name, block)); /* the drive is there, and no second machine */
}

static char *config_text(const struct session *s)
{
    const struct pc_config *c = &s->config;

    return xasprintf("machine=%s acpi=%s cpu=%s ram=%uM vga=%s clock=%s shift=%u",
                     c->isapc ? "isapc" : "pc", c->acpi_off ? "off" : "on", c->cpu_model,
                     c->ram_size >> 20, c->vga ? "std" : "none",
                     c->clock == PC_CLOCK_HOST ? "host" : "vm", c->clock_shift);
}

static void describe(struct session *s, struct vmstate *v)
{
    struct drive_info info[CONTROL_DRIVES];

    *v = (struct vmstate){
        .m = s->m,
        .host = "gnomon-" GNOMON_VERSION,
        .section = "typing",
        .table = session_state,
        .object = s,
        .open = open_for_load,
        .insert = insert_for_load,
        .opaque = s,
        .disk_count = control_drives(s, info),
    };
    for (unsigned i = 0; i < v->disk_count; i++) {
        struct vmstate_disk *d = &v->disk[i];

        memcpy(d->name, info[i].name, sizeof(d->name));
        d->removable = info[i].removable;
        d->block = (struct block *)(uintptr_t)info[i].block;
    }
}

static char *refuse(const struct session *s)
{
    return s->o->accel == PC_ACCEL_LOCKSTEP
               ? xstrdup("saved states are not for -accel lockstep: it has two machines")
               : NULL;
}

char *snapshot_save(struct session *s, const char *tag)
{
    char *error = refuse(s), made[32];
    bool running = s->state == RUN_RUNNING;

    if (error) {
        return error;
    }
    if (!tag) {
        time_t now = time(NULL);
        struct tm t;

        strftime(made, sizeof(made), "vm-%Y%m%d%H%M%S", localtime_r(&now, &t));
        tag = made;
    }
    char *path = path_of(s, tag, &error);

    if (path) {
        struct vmstate v;
        char *config = config_text(s);

        session_pause(s);
        describe(s, &v);
        v.config = config;
        error = vmstate_save(&v, path);
        if (running) {
            session_resume(s);
        }
        free(config);
    }
    free(path);
    return error;
}

char *snapshot_load(struct session *s, const char *tag)
{
    char *error = refuse(s), *path;
    bool running = s->state == RUN_RUNNING;

    if (error || !(path = path_of(s, tag, &error))) {
        return error;
    }
    if (access(path, F_OK)) {
        error = !strncmp(tag, "file:", 5) ? xasprintf("Snapshot '%s' does not exist", tag)
                                          : no_such_tag(s, tag);
    } else {
        struct vmstate v;
        char *config = config_text(s);

        session_pause(s);
        describe(s, &v);
        v.config = config;
        error = vmstate_load(&v, path);
        free(config);
        if (!error) {
            sanitize(s);
            if (s->state == RUN_SHUTDOWN) {
                s->state = RUN_PAUSED;
            }
        }
        if (running) {
            session_resume(s);
        }
    }
    free(path);
    return error;
}

char *snapshot_delete(struct session *s, const char *tag)
{
    char *error = NULL, *path = path_of(s, tag, &error);
    struct vmstate_info info;

    if (!path) {
        return error;
    }
    if (access(path, F_OK)) {
        error = no_such_tag(s, tag);
    } else {
        error = vmstate_get_info(path, &info); /* only what is a saved state is removed */
        if (!error && unlink(path)) {
            error = xasprintf("cannot remove '%s': %s", path, strerror(errno));
        }
    }
    free(path);
    return error;
}
