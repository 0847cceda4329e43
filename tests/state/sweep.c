/* SPDX-License-Identifier: MIT */
/*
 * A guest is saved at random instants of its boot, loaded into a fresh machine, and both go on:
 * they must have the same state, screen and serial output at the same instruction afterwards.
 * Saving what was loaded gives the same bytes.
 *
 * With -engines instead: translator and interpreter boot it side by side, and at each instant they
 * must be equal in all of that.
 *
 * usage: sweep [-fda FILE | -hda FILE | -cdrom FILE | -kernel FILE [-initrd FILE] [-append TEXT]]
 *              [-bios FILE] [-m MIB] [-accel tcg|interp] [-isapc] [-instants N]
 *              [-length MILLIONS] [-after MILLIONS] [-seed N] [-engines]
 */
#include "tests/unit/check.h"

#include <unistd.h>

#include "cpu/cpu.h"
#include "frontends/vmstate.h"
#include "host/savefile.h"
#include "hw/device.h"
#include "hw/keys.h"
#include "hw/pc.h"
#include "roms/roms.h"

#define MILLION 1000000ull
#define SKIPS   400 /* idle guests: events skipped to, for each million instructions */

static const char *fda, *hda, *cdrom, *folder;
static struct pc_config base = {
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

/* A serial port's output, kept. */
struct sink {
    struct chardev c;
    uint64_t hash;
    unsigned bytes;
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

struct rig {
    struct machine *m;
    struct sink serial;
    struct pc_config c;
};

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

static void rig_open(struct rig *r)
{
    static const struct chardev_ops ops = {.write = sink_write, .destroy = sink_destroy};
    char *error = NULL;

    r->serial = (struct sink){.c = {.ops = &ops, .id = "sink"}};
    r->c = base;
    r->c.serial[0] = &r->serial.c;
    r->c.nic[0].net = net_none_create("nobody");
    r->c.floppy[0] = (struct pc_drive){.present = true, .block = open_disk(fda)};
    if (!fda && !hda && !cdrom && !base.kernel) {
        r->c.ide[0].block = block_open_memory(rom_guest, rom_guest_size);
        r->c.ide[0].present = true;
    } else if (hda) {
        r->c.ide[0] = (struct pc_drive){.present = true, .block = open_disk(hda)};
    }
    if (cdrom) {
        r->c.ide[2] = (struct pc_drive){.present = true, .cdrom = true, .block = open_disk(cdrom)};
    }
    r->m = pc_create(&r->c, &error);
    if (!r->m) {
        printf("%s\n", error);
        exit(1);
    }
}

static struct vmstate describe(struct rig *r)
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

/* Up to instruction `end` of the machine, or as far as an idle guest gets. */
static void run_to(struct machine *m, uint64_t end)
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

static uint64_t hash_screen(struct machine *m)
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

static bool same_files(const char *a, const char *b)
{
    char *error = NULL, type_a[5], type_b[5];
    struct savefile *x = savefile_open(a, "GNOMONVM", 1, &error);
    struct savefile *y = savefile_open(b, "GNOMONVM", 1, &error);
    const uint8_t *p, *q;
    size_t n, m;
    bool more = true, same = x && y;

    while (same && more) {
        more = savefile_next(x, type_a, &p, &n);
        same = savefile_next(y, type_b, &q, &m) == more;
        if (same && more && strcmp(type_a, "INFO")) { /* it has the time of day */
            same = !strcmp(type_a, type_b) && n == m && !memcmp(p, q, n);
        }
    }
    savefile_close(x);
    savefile_close(y);
    return same;
}

static void print_difference(void *opaque, const char *line)
{
    unsigned *n = opaque;

    if ((*n)++ < 20) {
        printf("  %s\n", line);
    }
}

struct other {
    struct rig *b;
    unsigned n;
    bool seen;
    const char *name;
    void *dev;
};

static void find_same(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct other *o = arg;

    (void)type;
    if (!strcmp(name, o->name)) {
        o->dev = dev;
    }
}

static void diff_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct other *o = arg;
    unsigned lines = 0;

    o->name = name;
    device_each(o->b->m, find_same, o);
    if (state_hash(type->state, dev, 0) != state_hash(type->state, o->dev, 0)) {
        printf(" %s:\n", name);
        state_diff(type->state, dev, o->dev, print_difference, &lines);
    }
}

static void explain(struct rig *a, struct rig *b)
{
    struct other o = {.b = b};
    unsigned lines = 0, pages = 0;

    state_diff(cpu_state, a->m->cpu, b->m->cpu, print_difference, &lines);
    device_each(a->m, diff_device, &o);
    for (uint32_t i = 0; i < a->m->mem.ram_size && pages < 4; i += PAGE_SIZE) {
        if (memcmp(a->m->mem.ram + i, b->m->mem.ram + i, PAGE_SIZE)) {
            printf("  RAM page %08x\n", i);
            pages++;
        }
    }
}

/* Whether both are at the same instruction with the same state, screen and serial output. */
static bool equal(struct rig *a, struct rig *b)
{
    uint64_t at = cpu_icount(a->m->cpu), bt = cpu_icount(b->m->cpu);
    bool same = machine_hash(a->m) == machine_hash(b->m) &&
                clock_now(&a->m->clock) == clock_now(&b->m->clock) && at == bt;
    bool screen = hash_screen(a->m) == hash_screen(b->m);
    bool serial = a->serial.hash == b->serial.hash && a->serial.bytes == b->serial.bytes;

    if (same && screen && serial) {
        return true;
    }
    printf("at instruction %" PRIu64 " (%" PRIu64 "): state %s, screen %s, serial %s\n", at, bt,
           same ? "same" : "DIFFERS", screen ? "same" : "DIFFERS", serial ? "same" : "DIFFERS");
    explain(a, b);
    return false;
}

/* Saves a, loads into b, lets both go on. */
static bool one_instant(struct rig *a, uint64_t after)
{
    char *first = xasprintf("%s/1.vmstate", folder), *second = xasprintf("%s/2.vmstate", folder);
    uint64_t at = cpu_icount(a->m->cpu);
    struct rig b;
    bool good = true;

    rig_open(&b);
    struct vmstate va = describe(a), vb = describe(&b);
    char *error = vmstate_save(&va, first);

    if (!error) {
        error = vmstate_load(&vb, first);
    }
    if (!error) {
        error = vmstate_save(&vb, second);
    }
    if (error) {
        printf("instruction %" PRIu64 ": %s\n", at, error);
        good = false;
    } else if (!same_files(first, second)) {
        printf("instruction %" PRIu64 ": what was loaded is saved as other bytes\n", at);
        explain(a, &b);
        good = false;
    }
    b.serial.hash = a->serial.hash;
    b.serial.bytes = a->serial.bytes;
    if (good) {
        run_to(a->m, at + after);
        run_to(b.m, at + after);
        good = equal(a, &b);
        if (!good) {
            printf("saved at instruction %" PRIu64 "\n", at);
        }
    }
    pc_destroy(b.m);
    unlink(first);
    unlink(second);
    free(first);
    free(second);
    return good;
}

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 0);
}

int main(int argc, char **argv)
{
    uint64_t instants = 10, length = 200 * MILLION, after = 10 * MILLION, seed = 1;
    unsigned passed = 0, failed = 0;
    bool engines = false;
    struct rig a, other;
    char made[] = "/tmp/gnomon-sweep-XXXXXX";

    for (int i = 1; i < argc; i++) {
        const char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";

        if (!strcmp(o, "-isapc")) {
            base.isapc = true;
            base.nic[0].model = PC_NIC_NE2K_ISA;
            continue;
        }
        if (!strcmp(o, "-engines")) {
            engines = true;
            continue;
        }
        i++;
        if (!strcmp(o, "-fda")) {
            fda = v;
        } else if (!strcmp(o, "-hda")) {
            hda = v;
        } else if (!strcmp(o, "-cdrom")) {
            cdrom = v;
        } else if (!strcmp(o, "-kernel")) {
            base.kernel = v;
        } else if (!strcmp(o, "-initrd")) {
            base.initrd = v;
        } else if (!strcmp(o, "-append")) {
            base.append = v;
        } else if (!strcmp(o, "-bios")) {
            base.bios_path = v;
        } else if (!strcmp(o, "-m")) {
            base.ram_size = (uint32_t)number(v) << 20;
        } else if (!strcmp(o, "-accel")) {
            base.accel = !strcmp(v, "interp") ? PC_ACCEL_INTERP : PC_ACCEL_BEST;
        } else if (!strcmp(o, "-instants")) {
            instants = number(v);
        } else if (!strcmp(o, "-length")) {
            length = number(v) * MILLION;
        } else if (!strcmp(o, "-after")) {
            after = number(v) * MILLION;
        } else if (!strcmp(o, "-seed")) {
            seed = number(v) * 2 + 1;
        } else {
            printf("unknown option %s\n", o);
            return 2;
        }
    }
    folder = mkdtemp(made);
    rig_open(&a);
    if (engines) {
        base.accel = PC_ACCEL_INTERP;
        rig_open(&other);
    }
    for (uint64_t i = 0; i < instants; i++) {
        /* Somewhere in this instant's share of the boot. */
        uint64_t share = length / instants, at = i * share + check_random(&seed) % share;

        if (at > cpu_icount(a.m->cpu)) {
            run_to(a.m, at);
        }
        if (engines) {
            run_to(other.m, at);
        }
        if (engines ? equal(&a, &other) : one_instant(&a, check_random(&seed) % after + 1)) {
            passed++;
        } else {
            failed++;
        }
        fflush(stdout);
    }
    pc_destroy(a.m);
    if (engines) {
        pc_destroy(other.m);
    }
    rmdir(made);
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
