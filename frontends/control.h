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

/*
 * Drives by name: what -drive or -device call them, or their place: floppy0, ide1-cd0. A tray that
 * the guest has locked opens by force only; without, the guest is told.
 */
char *control_change_medium(struct session *s, const char *device, const char *path, bool read_only,
                            bool force);
char *control_eject(struct session *s, const char *device, bool force);
/* As QEMU's command: that the guest has locked it is no error. */
char *control_open_tray(struct session *s, const char *device, bool force);
char *control_close_tray(struct session *s, const char *device);
/* While the tray is open. */
char *control_remove_medium(struct session *s, const char *device);
char *control_insert_node(struct session *s, const char *device, const char *name);
/* Tells clients of trays that have moved, by the guest too. */
void control_watch_trays(struct session *s);

/*
 * For saved states: opening as -snapshot says, NULL with a message; and putting it in, which takes
 * it (NULL: the medium comes out).
 */
struct block;
struct block *control_open_medium(struct session *s, const char *device, const char *path,
                                  bool read_only, char **error);
char *control_insert(struct session *s, const char *device, struct block *block);

struct drive_info {
    char name[16];    /* by its place */
    const char *id;   /* -drive's, or NULL */
    const char *qdev; /* -device's id, or NULL */
    unsigned unit;    /* floppy 0-1, IDE 0-3 */
    bool removable, cdrom, tray_open, locked;
    const struct block *block; /* NULL: no medium */
};
#define CONTROL_DRIVES 6
/* What clients call the drive: its id, or its name. */
const char *control_drive_label(const struct drive_info *d);
/* The device's id, or where QEMU has such a drive in its tree of objects. */
const char *control_drive_path(const struct drive_info *d);
/* By label, or id: path; by name too. -1: none. */
int control_find_drive(const struct drive_info *info, unsigned n, const char *name, bool by_id);
/* Fills in those that are there, in the order of the options; returns how many. */
unsigned control_drives(const struct session *s, struct drive_info info[CONTROL_DRIVES]);

#endif
