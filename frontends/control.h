/* SPDX-License-Identifier: MIT */
/*
 * What QMP and the monitor can do to a machine, once, for both. Functions return NULL or a message
 * (caller frees).
 */
#ifndef FRONTENDS_CONTROL_H
#define FRONTENDS_CONTROL_H

#include "base/types.h"

struct session;

char *control_screendump(struct session *s, const char *path, const char *format);
void control_nmi(struct session *s);
/* linear: through the guest's page tables as they are now. */
char *control_save_memory(struct session *s, uint64_t addr, uint64_t size, const char *path,
                          bool linear);

/* Drives by name: floppy0, ide1-cd0. path NULL ejects. */
char *control_change_medium(struct session *s, const char *device, const char *path,
                            bool read_only);

/*
 * The same in two steps, for saved states: opening as -snapshot says, NULL with a message; and
 * putting it in, which takes it (NULL: the medium comes out).
 */
struct block;
struct block *control_open_medium(struct session *s, const char *device, const char *path,
                                  bool read_only, char **error);
void control_insert(struct session *s, const char *device, struct block *block);

struct drive_info {
    char name[16];
    bool removable, cdrom;
    const struct block *block; /* NULL: no medium */
};
#define CONTROL_DRIVES 6
/* Where QEMU has such a drive in its tree of objects; and the name of the one at such a path. */
const char *control_drive_path(const struct drive_info *d);
const char *control_drive_name(const struct session *s, const char *path);
/* Fills in those that are there; returns how many. */
unsigned control_drives(const struct session *s, struct drive_info info[CONTROL_DRIVES]);

#endif
