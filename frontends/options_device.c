/* SPDX-License-Identifier: MIT */
/*
 * -device, a table of devices and their properties; -global.
 */
#include "frontends/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void device_debug_exit(struct parse *p, const struct keyvals *k)
{
    struct options *o = p->o;

    if (o->debug_exit) {
        fatal("-device: there is one isa-debug-exit");
    }
    o->debug_exit = true;
    o->debug_exit_base = (uint16_t)keyvals_number(k, "iobase", 0x501, 0xffff);
    o->debug_exit_size = (uint16_t)keyvals_number(k, "iosize", 2, 4);
    if (!o->debug_exit_size || o->debug_exit_size == 3) {
        fatal("-device: iosize of isa-debug-exit is 1, 2 or 4");
    }
}

static const char *need_chardev(const struct keyvals *k, const char *device)
{
    const char *chardev = keyvals_get(k, "chardev");

    if (!chardev) {
        fatal("-device: %s needs chardev=", device);
    }
    return chardev;
}

static void device_debugcon(struct parse *p, const struct keyvals *k)
{
    const char *chardev = need_chardev(k, "isa-debugcon");

    streams_take_debugcon(p);
    p->o->debugcon_base = (uint16_t)keyvals_number(k, "iobase", 0xe9, 0xffff);
    streams_add_user(p, STREAM_DEBUGCON, 0, chardev);
}

static void device_serial(struct parse *p, const struct keyvals *k)
{
    const char *chardev = need_chardev(k, "isa-serial");

    streams_add_serial(p, xstrdup(chardev));
}

static void device_parallel(struct parse *p, const struct keyvals *k)
{
    const char *chardev = need_chardev(k, "isa-parallel");

    streams_add_parallel(p, xstrdup(chardev));
}

static void attach_drive(struct parse *p, const struct keyvals *k, enum drive_bus bus, bool cdrom)
{
    struct options *o = p->o;
    const char *id = keyvals_get(k, "drive");
    int index = -1;

    if (!id) {
        fatal("-device: a drive needs drive=, the id of a -drive with if=none");
    }
    if (bus == DRIVE_IDE) {
        static const char *const buses[] = {"ide.0", "ide.1"};
        const char *text = keyvals_get(k, "bus");
        int channel = text ? (int)choose("-device: bus", text, buses, ARRAY_LEN(buses)) : -1;

        if (channel >= 0 || keyvals_get(k, "unit")) {
            index = (channel < 0 ? 0 : channel) * 2 + (int)keyvals_number(k, "unit", 0, 1);
        }
    } else if (keyvals_get(k, "unit")) {
        index = (int)keyvals_number(k, "unit", 0, 1);
    }
    for (unsigned i = 0; i < o->drive_count; i++) {
        struct drive_option *d = &o->drive[i];

        if (d->id && !strcmp(d->id, id)) {
            if (d->bus != DRIVE_NONE) {
                fatal("-device: drive '%s' has a place already", id);
            }
            d->bus = bus;
            d->index = index;
            d->cdrom = cdrom;
            d->qdev = keyvals_get(k, "id") ? xstrdup(keyvals_get(k, "id")) : NULL;
            return;
        }
    }
    fatal("-device: there is no drive with the id '%s' (-drive if=none,id=%s,... comes first)", id,
          id);
}

static void device_ide_hd(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_IDE, false);
}

static void device_ide_cd(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_IDE, true);
}

static void device_floppy(struct parse *p, const struct keyvals *k)
{
    attach_drive(p, k, DRIVE_FLOPPY, false);
}

static void device_vga(struct parse *p, const struct keyvals *k)
{
    (void)k;
    p->o->vga = p->o->vga_given = true;
}

static void device_ne2k_pci(struct parse *p, const struct keyvals *k)
{
    nets_add_card(p, PC_NIC_NE2K_PCI, k);
}

static void device_ne2k_isa(struct parse *p, const struct keyvals *k)
{
    nets_add_card(p, PC_NIC_NE2K_ISA, k);
}

#define MAX_PROPERTIES 4

/* What -device and -global know. The first word of a property is its name, the rest is help. */
static const struct device_option {
    const char *name, *bus, *help;
    void (*fn)(struct parse *p, const struct keyvals *k);
    struct {
        const char *name, *help;
    } property[MAX_PROPERTIES];
} device_options[] = {
    {"isa-debug-exit",
     "ISA",
     "a write of v ends the program with status (v << 1) | 1",
     device_debug_exit,
     {{"iobase", "<uint16> - port (default 0x501)"},
      {"iosize", "<uint16> - 1, 2 or 4 (default 2)"}}},
    {"isa-debugcon",
     "ISA",
     "bytes written go to a stream",
     device_debugcon,
     {{"chardev", "<str> - id of a -chardev"}, {"iobase", "<uint16> - port (default 0xe9)"}}},
    {"isa-serial",
     "ISA",
     "the next serial port",
     device_serial,
     {{"chardev", "<str> - id of a -chardev"}}},
    {"isa-parallel",
     "ISA",
     "the next parallel port, with a printer",
     device_parallel,
     {{"chardev", "<str> - id of a -chardev"}}},
    {"ide-hd",
     "IDE",
     "hard disk",
     device_ide_hd,
     {{"drive", "<str> - id of a -drive"},
      {"bus", "<str> - ide.0 or ide.1"},
      {"unit", "<uint32> - 0 or 1"}}},
    {"ide-cd",
     "IDE",
     "CD-ROM drive",
     device_ide_cd,
     {{"drive", "<str> - id of a -drive"},
      {"bus", "<str> - ide.0 or ide.1"},
      {"unit", "<uint32> - 0 or 1"}}},
    {"floppy",
     "floppy-bus",
     "floppy drive",
     device_floppy,
     {{"drive", "<str> - id of a -drive"}, {"unit", "<uint32> - 0 or 1"}}},
    {"ne2k_pci",
     "PCI",
     "NE2000 network card for PCI: RTL8029",
     device_ne2k_pci,
     {{"netdev", "<str> - id of a -netdev"},
      {"mac", "<str> - station address"},
      {"romfile", "<str> - file of its option ROM (default: none)"}}},
    {"ne2k_isa",
     "ISA",
     "NE2000 network card for ISA",
     device_ne2k_isa,
     {{"netdev", "<str> - id of a -netdev"},
      {"mac", "<str> - station address"},
      {"iobase", "<uint32> - first port (default 0x300)"},
      {"irq", "<uint32> - interrupt (default 9)"}}},
    {"isa-vga", "ISA", "display adapter, as -vga std", device_vga, {{0}}},
};

/* Names that others use: refused as "not yet" rather than "unknown". */
static const char *const later_devices[] = {"rtl8139",
                                            "pcnet",
                                            "e1000",
                                            "VGA",
                                            "cirrus-vga",
                                            "isa-cirrus-vga",
                                            "sb16",
                                            "adlib",
                                            "gus",
                                            "AC97",
                                            "ES1370",
                                            "cs4231a",
                                            "ib700",
                                            "i6300esb",
                                            "pc-testdev",
                                            "pci-testdev",
                                            "pvpanic",
                                            "virtio-blk-pci",
                                            "virtio-net-pci",
                                            "virtio-serial-pci",
                                            "virtio-9p-pci",
                                            "virtio-balloon-pci",
                                            "virtio-rng-pci",
                                            "vmmouse",
                                            NULL};

static void list_devices(void)
{
    for (size_t i = 0; i < ARRAY_LEN(device_options); i++) {
        printf("name \"%s\", bus %s, desc \"%s\"\n", device_options[i].name, device_options[i].bus,
               device_options[i].help);
    }
    exit(0);
}

static const struct device_option *find_device(const char *option, const char *name)
{
    const char *names[ARRAY_LEN(device_options)];

    if (is_one_of(name, later_devices)) {
        not_yet(option, name);
    }
    for (size_t i = 0; i < ARRAY_LEN(device_options); i++) {
        names[i] = device_options[i].name;
    }
    return &device_options[choose("device", name, names, ARRAY_LEN(names))];
}

static void list_properties(const struct device_option *d)
{
    printf("%s options:\n", d->name);
    for (size_t i = 0; i < MAX_PROPERTIES && d->property[i].name; i++) {
        printf("  %s=%s\n", d->property[i].name, d->property[i].help);
    }
    exit(0);
}

void option_device(struct parse *p, const char *arg)
{
    const char *known[MAX_PROPERTIES + 3] = {"driver", "id"};
    struct keyvals k;

    if (asks_for_help(arg)) {
        list_devices();
    }
    keyvals_parse(&k, p->option, arg, "driver");
    const struct device_option *d =
        find_device(p->option, keyvals_get(&k, "driver") ? keyvals_get(&k, "driver") : "");

    if (keyvals_get(&k, "help") || keyvals_get(&k, "?")) {
        list_properties(d);
    }
    for (size_t i = 0; i < MAX_PROPERTIES && d->property[i].name; i++) {
        known[2 + i] = d->property[i].name;
    }
    keyvals_allow(&k, known);
    d->fn(p, &k);
    keyvals_free(&k);
}

static void floppy_type(struct parse *p, const char *name, const char *value)
{
    static const char *const known[] = {"auto", "360", "120", "720", "144", "288"};

    choose(name, value, known, ARRAY_LEN(known));
    for (uint8_t n = 0; n < ARRAY_LEN(known); n++) {
        if (!strcmp(value, known[n])) {
            p->o->floppy_type[name[strlen(name) - 1] == 'B'] = n;
        }
    }
}

void option_global(struct parse *p, const char *arg)
{
    static const char *const known[] = {"isa-debugcon.iobase", "isa-fdc.fdtypeA",
                                        "isa-fdc.fdtypeB"};
    const char *equals = strchr(arg, '=');
    uint64_t value;

    if (!equals || !memchr(arg, '.', (size_t)(equals - arg))) {
        fatal("-global: '%s' is not DRIVER.PROPERTY=VALUE", arg);
    }
    char *name = xasprintf("%.*s", (int)(equals - arg), arg);

    choose("-global: property", name, known, ARRAY_LEN(known));
    if (!strncmp(name, "isa-fdc", 7)) {
        char *what = xasprintf("-global: %s", name);

        floppy_type(p, what, equals + 1);
        free(what);
        free(name);
        return;
    }
    if (!parse_number(equals + 1, &value) || value > 0xffff) {
        fatal("-global: %s is a port, not '%s'", name, equals + 1);
    }
    p->o->debugcon_base = (uint16_t)value;
    p->debugcon_global = true;
    free(name);
}
