/* SPDX-License-Identifier: MIT */
/*
 * A machine in a file, and back: docs/state-format.md. What the file needs to be told is here; who
 * names the files is snapshot.h.
 */
#ifndef FRONTENDS_VMSTATE_H
#define FRONTENDS_VMSTATE_H

#include "base/state.h"
#include "host/block.h"

#define VMSTATE_DISKS 6

struct machine;

struct vmstate_disk {
    char name[16];
    struct block *block; /* NULL: no medium */
    bool removable;
};

struct vmstate {
    struct machine *m;
    const char *config; /* "key=value ...": must be the same when loading */
    const char *host;   /* "key=value ...": only shown */
    struct vmstate_disk disk[VMSTATE_DISKS];
    unsigned disk_count;

    /* One more section, of the front end. */
    const char *section;
    const struct state_field *table;
    void *object;

    /*
     * Media that are not in the drive: open() finds one by its path, insert() puts it (NULL: none)
     * into drive n, which takes it.
     */
    struct block *(*open)(void *opaque, unsigned n, const char *path, bool read_only, char **error);
    void (*insert)(void *opaque, unsigned n, struct block *block);
    void *opaque;
};

struct vmstate_info {
    int64_t saved;     /* seconds since 1970 */
    uint64_t guest_ns; /* since power-on */
    uint64_t instructions;
    uint64_t bytes; /* of the file */
};

/* NULL, or one line (caller frees). */
char *vmstate_save(const struct vmstate *v, const char *path);
/* On error the machine, its disks and media are as they were. */
char *vmstate_load(const struct vmstate *v, const char *path);
char *vmstate_get_info(const char *path, struct vmstate_info *info);

#endif
