/* SPDX-License-Identifier: MIT */
/*
 * A machine for tests of saved states: what it is made of, how it runs without a front end.
 */
#ifndef TESTS_STATE_RIG_H
#define TESTS_STATE_RIG_H

#include "frontends/vmstate.h"
#include "host/chardev.h"
#include "hw/pc.h"

#define MILLION 1000000ull

/* A serial port's output, kept as a hash. */
struct sink {
    struct chardev c;
    uint64_t hash;
    unsigned bytes;
};

struct rig {
    struct machine *m;
    struct sink serial;
    struct pc_config c;
};

/* What rig_open() makes a machine of. NULL: no such disk. */
struct rig_parts {
    const char *fda, *hda, *cdrom;
    struct pc_config base;
};

/* An option of a test's own, with a number, or without a value if that is NULL. */
struct rig_option {
    const char *name;
    uint64_t *number;
    bool *flag;
};
/*
 * Its own, up to one without a name, and what the machine is, on a default one:
 *     [-fda FILE | -hda FILE | -cdrom FILE | -kernel FILE [-initrd FILE] [-append TEXT]]
 *     [-bios FILE] [-m MIB] [-accel tcg|interp] [-isapc]
 * Ends the program with a message if there is another one.
 */
void rig_options(struct rig_parts *p, int argc, char **argv, const struct rig_option *own);

/* Ends the program with a message if it can't be made. Without a disk or kernel it has the default
 * guest's. */
void rig_open(struct rig *r, const struct rig_parts *p);
struct vmstate rig_describe(struct rig *r);
/* Up to instruction `end`, or as far as an idle guest gets; keys go down and up at fixed instants.
 */
void rig_run(struct machine *m, uint64_t end);
uint64_t rig_hash_screen(struct machine *m);

#endif
