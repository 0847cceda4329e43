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

/* What rig_open() makes a machine of: main()'s options change it. NULL: no such disk. */
struct rig_parts {
    const char *fda, *hda, *cdrom;
    struct pc_config base;
};
void rig_default(struct rig_parts *p);

/* Ends the program with a message if it can't be made. Without a disk or kernel it has the default
 * guest's. */
void rig_open(struct rig *r, const struct rig_parts *p);
struct vmstate rig_describe(struct rig *r);
/* Up to instruction `end`, or as far as an idle guest gets; keys go down and up at fixed instants.
 */
void rig_run(struct machine *m, uint64_t end);
uint64_t rig_hash_screen(struct machine *m);

#endif
