/* SPDX-License-Identifier: MIT */
/*
 * A machine for tests of saved states.
 */
#include "tests/state/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "hw/keys.h"
#include "roms/roms.h"

#define SKIPS 400 /* idle guests: events skipped to, for each million instructions */

static const struct pc_config default_config = {
    .cpu_model = "max",
    .ram_size = 32 << 20,
    .boot_order = "cad",
    .vga = true,
    .rtc_base = 946684800,
    .clock = PC_CLOCK_VIRTUAL,
    .clock_shift = 3,
    .keep_dead_halt = true,
    .nic_count = 1, /* nobody answers: what a network has said is not in a saved state */
    .nic = {{.model = PC_NIC_NE2K_PCI,
             .mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
             .iobase = 0x300,
             .irq = 9}},
};

static void sink_write(struct chardev *c, const uint8_t *buf, size_t len)
{
    struct sink *s = container_of(c, struct sink, c);

    for (size_t i = 0; i < len; i++) {
        s->hash = (s->hash ^ buf[i]) * 0x100000001b3ull;
    }
    s->bytes += (unsigned)len;
}

static void sink_destroy(struct chardev *c)
{
    (void)c; /* the rig is on the stack */
}

/* False: it is no option of the machine's. */
static bool machine_option(struct rig_parts *p, const char *name, const char *value)
{
    const struct {
        const char *name, **text;
    } texts[] = {{"-fda", &p->fda},
                 {"-hda", &p->hda},
                 {"-cdrom", &p->cdrom},
                 {"-kernel", &p->base.kernel},
                 {"-initrd", &p->base.initrd},
                 {"-append", &p->base.append},
                 {"-bios", &p->base.bios_path}};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!strcmp(name, texts[i].name)) {
            *texts[i].text = value;
            return true;
        }
    }
    if (!strcmp(name, "-m")) {
        p->base.ram_size = (uint32_t)strtoul(value, NULL, 0) << 20;
    } else if (!strcmp(name, "-accel")) {
        p->base.accel = !strcmp(value, "interp") ? PC_ACCEL_INTERP : PC_ACCEL_BEST;
    } else {
        return false;
    }
    return true;
}

void rig_options(struct rig_parts *p, int argc, char **argv, const struct rig_option *own)
{
    *p = (struct rig_parts){.base = default_config};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = argv[i + 1];
        const struct rig_option *o = own;

        while (o->name && strcmp(name, o->name)) {
            o++;
        }
        if (o->flag) {
            *o->flag = true;
        } else if (!strcmp(name, "-isapc")) {
            p->base.isapc = true;
            p->base.nic[0].model = PC_NIC_NE2K_ISA;
        } else if (value && o->number) {
            *o->number = strtoull(value, NULL, 0);
            i++;
        } else if (value && machine_option(p, name, value)) {
            i++;
        } else {
            printf("option %s is unknown or has no value\n", name);
            exit(2);
        }
    }
}

static struct block *open_disk(const char *path)
{
    char *error = NULL;
    struct block_options o = {.path = path, .snapshot = true};
    struct block *b = path ? block_open(&o, &error) : NULL;

    if (error) {
        printf("%s\n", error);
        exit(1);
    }
    return b;
}

void rig_open(struct rig *r, const struct rig_parts *p)
{
    static const struct chardev_ops ops = {.write = sink_write, .destroy = sink_destroy};
    char *error = NULL;

    r->serial = (struct sink){.c = {.ops = &ops, .id = "sink"}};
    r->c = p->base;
    r->c.serial[0] = &r->serial.c;
    r->c.nic[0].net = net_none_create("nobody");
    r->c.floppy[0] = (struct pc_drive){.present = true, .block = open_disk(p->fda)};
    if (!p->fda && !p->hda && !p->cdrom && !p->base.kernel) {
        r->c.ide[0].block = block_open_memory(rom_guest, rom_guest_size);
        r->c.ide[0].present = true;
    } else if (p->hda) {
        r->c.ide[0] = (struct pc_drive){.present = true, .block = open_disk(p->hda)};
    }
    if (p->cdrom) {
        r->c.ide[2] =
            (struct pc_drive){.present = true, .cdrom = true, .block = open_disk(p->cdrom)};
    }
    r->m = pc_create(&r->c, &error);
    if (!r->m) {
        printf("%s\n", error);
        exit(1);
    }
}

struct vmstate rig_describe(struct rig *r)
{
    struct vmstate v = {.m = r->m, .config = "test=yes"};

    for (unsigned i = 0; i < 4; i++) {
        if (r->c.ide[i].present) {
            struct vmstate_disk *d = &v.disk[v.disk_count++];

            snprintf(d->name, sizeof(d->name), "ide%u", i);
            d->block = r->c.ide[i].block;
        }
    }
    v.disk[v.disk_count++] =
        (struct vmstate_disk){.name = "floppy0", .block = r->c.floppy[0].block, .removable = true};
    return v;
}

/* Keys at fixed instants of the guest: each 16 million instructions the next one goes down or up.
 */
static void type(struct machine *m, uint64_t from, uint64_t to)
{
    static const enum key_code keys[] = {KEY_RET, KEY_D, KEY_I, KEY_R, KEY_RET, KEY_1, KEY_DOWN};

    for (uint64_t n = from / (16 * MILLION) + 1; n <= to / (16 * MILLION); n++) {
        pc_key(m, keys[n / 2 % ARRAY_LEN(keys)], n % 2);
    }
}

void rig_run(struct machine *m, uint64_t end)
{
    uint64_t skips = (end - cpu_icount(m->cpu)) / MILLION * SKIPS + SKIPS;

    while (cpu_icount(m->cpu) < end && skips) {
        uint64_t now = cpu_icount(m->cpu), left = end - now;
        uint64_t step = 16 * MILLION - now % (16 * MILLION);

        switch (pc_run(m, (uint32_t)(left < step ? left : step))) {
        case PC_RAN: break;
        case PC_IDLE:
            skips--;
            if (pc_next_event(m) == CLOCK_NEVER) {
                return;
            }
            pc_advance(m, pc_next_event(m));
            break;
        case PC_STOPPED:
            if (m->stop == STOP_SHUTDOWN) {
                return;
            }
            pc_reset(m);
            break;
        }
        type(m, now, cpu_icount(m->cpu));
    }
}

uint64_t rig_hash_screen(struct machine *m)
{
    struct picture p = {0};
    uint64_t h = 1;

    pc_screen(m, &p);
    for (size_t i = 0; i < (size_t)p.width * p.height; i++) {
        h = (h ^ p.pixels[i]) * 0x100000001b3ull;
    }
    picture_free(&p);
    return h;
}
