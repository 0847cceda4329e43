/* SPDX-License-Identifier: MIT */
#include "frontends/drives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/log.h"
#include "host/block.h"
#include "hw/fdc.h"
#include "roms/roms.h"

static struct block *open_image(const struct options *o, const struct drive_option *d)
{
    struct block_options b = {.path = d->file,
                              .read_only = d->read_only || d->cdrom,
                              .snapshot = d->snapshot || o->snapshot};
    char *error = NULL;
    struct block *block = block_open(&b, &error);

    if (!block) {
        fatal("%s: %s", d->option, error);
    }
    if (d->bus == DRIVE_FLOPPY && block_bytes(block) > FLOPPY_MAX) {
        block_close(block);
        fatal("%s: '%s' is too large for a floppy disk (2.88 MB): use -hda", d->option, d->file);
    }
    return block;
}

/* Where drive d goes. */
static struct pc_drive *place(const struct drive_option *d, struct pc_config *config)
{
    bool floppy = d->bus == DRIVE_FLOPPY;
    struct pc_drive *slot = floppy ? config->floppy : config->ide;
    int n = floppy ? 2 : 4;

    if (d->index >= n) {
        fatal("%s: index %d is too high: %s", d->option, d->index,
              floppy ? "there are two floppy drives" : "there are four IDE drives");
    }
    if (d->index >= 0) {
        if (slot[d->index].present) {
            fatal("%s: two drives on %s index %d: give one another index=", d->option,
                  floppy ? "floppy" : "IDE", d->index);
        }
        return &slot[d->index];
    }
    /* A CD-ROM drive goes to the second channel first, as -cdrom does. */
    for (int i = 0; i < n; i++) {
        int at = d->cdrom ? (i + 2) % n : i;

        if (!slot[at].present) {
            return &slot[at];
        }
    }
    fatal("%s: all %d %s drives are taken", d->option, n, floppy ? "floppy" : "IDE");
}

static void add(const struct options *o, const struct drive_option *d, unsigned order,
                struct pc_config *config)
{
    struct pc_drive *slot = place(d, config);

    slot->present = true;
    slot->order = (uint8_t)order;
    slot->cdrom = d->cdrom;
    slot->id = d->id;
    slot->qdev = d->qdev;
    slot->block = d->file ? open_image(o, d) : NULL;
}

/* `gnomon FILE`: the size and the name say what it is. */
static void add_bare_image(const struct options *o, struct pc_config *config)
{
    struct drive_option d = {.option = "image", .file = o->image, .bus = DRIVE_IDE, .index = 0};
    const char *dot = strrchr(o->image, '.');
    struct stat st;

    if (stat(o->image, &st)) {
        fatal("image '%s': %s", o->image, strerror(errno));
    }
    if (dot && !strcasecmp(dot, ".iso")) {
        d.cdrom = true;
        d.index = 2;
    } else if (st.st_size <= (off_t)FLOPPY_MAX) {
        d.bus = DRIVE_FLOPPY;
    }
    add(o, &d, o->drive_count, config);
    if (!config->boot_order[0]) {
        strcpy(config->boot_order, d.cdrom ? "d" : d.bus == DRIVE_FLOPPY ? "a" : "c");
    }
}

/* 5 1/4-inch drives take 5 1/4-inch disks; each takes what is not denser than it can read. */
static void set_floppy_type(struct pc_drive *drive, uint8_t type, char letter)
{
    static const char *const names[] = {"", "360", "120", "720", "144", "288"};
    uint8_t want;

    drive->type = type;
    if (!type || !drive->block) {
        return;
    }
    want = fdc_type_for(drive->block);
    if ((type <= 2) != (want <= 2) || want > type) {
        fatal("-global: isa-fdc.fdtype%c: a drive of type %s cannot read '%s', which is for one of "
              "type "
              "%s",
              letter, names[type], block_path(drive->block), names[want]);
    }
}

void drives_open(const struct options *o, struct pc_config *config)
{
    /* First those that name their place, so that the others fill the gaps. */
    for (int named = 1; named >= 0; named--) {
        for (unsigned i = 0; i < o->drive_count; i++) {
            if ((o->drive[i].index >= 0) == named) {
                add(o, &o->drive[i], i, config);
            }
        }
    }
    if (o->image) {
        add_bare_image(o, config);
    }
    /* Nothing to start: the guest that ships with the program. */
    if (!o->drive_count && !o->image && !o->kernel && !o->bios && !o->nodefaults &&
        rom_guest_size) {
        config->ide[0].present = true;
        config->ide[0].block = block_open_memory(rom_guest, rom_guest_size);
    }
    if (!o->nodefaults && !config->floppy[0].present) {
        config->floppy[0].present = true; /* a PC has a floppy drive */
        config->floppy[0].order = UINT8_MAX;
    }
    for (unsigned n = 0; n < 2; n++) {
        set_floppy_type(&config->floppy[n], o->floppy_type[n], "AB"[n]);
    }
}
