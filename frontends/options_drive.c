/* SPDX-License-Identifier: MIT */
/*
 * Disks and booting: -drive and its short forms, -boot, -option-rom, -kernel and what belongs to
 * it.
 */
#include "frontends/options_parse.h"

#include <string.h>

#include "base/log.h"

static struct drive_option *add_drive(struct parse *p, const char *file, enum drive_bus bus,
                                      int index)
{
    struct options *o = p->o;

    if (o->drive_count == MAX_DRIVES) {
        fatal("%s: more than %u drives", p->option, MAX_DRIVES);
    }
    struct drive_option *d = &o->drive[o->drive_count++];

    *d = (struct drive_option){
        .option = p->option, .file = file ? xstrdup(file) : NULL, .bus = bus, .index = index};
    return d;
}

void option_drive(struct parse *p, const char *arg)
{
    static const char *const known[] = {"file",     "format", "if",  "index", "media", "snapshot",
                                        "readonly", "id",     "bus", "unit",  "cache", NULL};
    static const char *const buses[] = {"ide", "floppy", "none"};
    static const char *const later[] = {"virtio", "scsi", "sd", "mtd", "pflash", NULL};
    static const char *const media[] = {"disk", "cdrom"};
    static const char *const formats[] = {"raw"};
    static const char *const formats_later[] = {"qcow2", "vmdk", "vdi", "vpc",
                                                "vhdx",  "qcow", NULL};
    static const char *const caches[] = {"writeback", "writethrough"};
    struct keyvals k;
    enum drive_bus bus = DRIVE_IDE;
    int index = -1;

    keyvals_parse(&k, p->option, arg, NULL);
    keyvals_allow(&k, known);
    const char *text = keyvals_get(&k, "if");

    if (text && is_one_of(text, later)) {
        not_yet(p->option, text);
    }
    if (text) {
        bus = (enum drive_bus)choose("-drive: interface", text, buses, ARRAY_LEN(buses));
    }
    text = keyvals_get(&k, "format");
    if (text && is_one_of(text, formats_later)) {
        fatal("-drive: image format '%s' is not in this machine yet: convert the image to raw",
              text);
    }
    if (text) {
        choose("-drive: image format", text, formats, ARRAY_LEN(formats));
    }
    text = keyvals_get(&k, "cache");
    if (text) {
        choose("-drive: cache mode", text, caches, ARRAY_LEN(caches));
    }
    if (keyvals_get(&k, "index") && (keyvals_get(&k, "bus") || keyvals_get(&k, "unit"))) {
        fatal("-drive: index= excludes bus= and unit=");
    }
    if (keyvals_get(&k, "index")) {
        index = (int)keyvals_number(&k, "index", 0, 255);
    } else if (keyvals_get(&k, "bus") || keyvals_get(&k, "unit")) {
        index = (int)(keyvals_number(&k, "bus", 0, 1) * 2 + keyvals_number(&k, "unit", 0, 1));
    }
    text = keyvals_get(&k, "file");
    struct drive_option *d = add_drive(p, text && text[0] ? text : NULL, bus, index);

    d->snapshot = keyvals_bool(&k, "snapshot", false);
    d->read_only = keyvals_bool(&k, "readonly", false);
    d->cdrom = keyvals_get(&k, "media") &&
               choose("-drive: media", keyvals_get(&k, "media"), media, ARRAY_LEN(media)) == 1;
    if (keyvals_get(&k, "id")) {
        d->id = xstrdup(keyvals_get(&k, "id"));
    }
    if (d->cdrom && bus == DRIVE_FLOPPY) {
        fatal("-drive: a floppy drive takes no media=cdrom");
    }
    if (!d->file && !d->cdrom && bus == DRIVE_IDE) {
        fatal("-drive: a hard disk needs file=");
    }
    keyvals_free(&k);
}

void option_hda(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 0);
}

void option_hdb(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 1);
}

void option_hdc(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 2);
}

void option_hdd(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 3);
}

void option_fda(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_FLOPPY, 0);
}

void option_fdb(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_FLOPPY, 1);
}

void option_cdrom(struct parse *p, const char *arg)
{
    add_drive(p, arg, DRIVE_IDE, 2)->cdrom = true;
}

void option_snapshot(struct parse *p, const char *arg)
{
    (void)arg;
    p->o->snapshot = true;
}

void option_boot(struct parse *p, const char *arg)
{
    static const char *const known[] = {"order", NULL};
    struct keyvals k;

    keyvals_parse(&k, p->option, arg, "order");
    keyvals_allow(&k, known);
    const char *order = keyvals_get(&k, "order") ? keyvals_get(&k, "order") : "";

    if (!order[0] || strlen(order) >= sizeof(p->o->boot_order) || order[strspn(order, "acdn")]) {
        fatal("-boot: '%s' is no boot order: a is the floppy, c the hard disk, d the CD-ROM, n "
              "a network card's option ROM",
              order);
    }
    strcpy(p->o->boot_order, order);
    keyvals_free(&k);
}

void option_kernel(struct parse *p, const char *arg)
{
    set_string(&p->o->kernel, arg);
}

void option_option_rom(struct parse *p, const char *arg)
{
    if (p->o->option_rom_count == PC_OPTION_ROMS) {
        fatal("%s: at most %u option ROMs", p->option, PC_OPTION_ROMS);
    }
    p->o->option_rom[p->o->option_rom_count++] = xstrdup(arg);
}

void option_initrd(struct parse *p, const char *arg)
{
    set_string(&p->o->initrd, arg);
}

void option_append(struct parse *p, const char *arg)
{
    set_string(&p->o->append, arg);
}
