/* SPDX-License-Identifier: MIT */
/*
 * A guest is saved at random instants of its boot, loaded into a fresh machine, and both go on:
 * they must have the same state, screen and serial output at the same instruction afterwards.
 * Saving what was loaded gives the same bytes.
 *
 * With -engines instead: translator and interpreter boot it side by side, and at each instant they
 * must be equal in all of that.
 *
 * usage: sweep [-instants N] [-length MILLIONS] [-after MILLIONS] [-seed N] [-engines]
 *              [what the machine is: rig.h]
 */
#include "tests/unit/check.h"

#include <unistd.h>

#include "cpu/cpu.h"
#include "host/savefile.h"
#include "hw/device.h"
#include "tests/state/rig.h"

static const char *folder;
static struct rig_parts parts;

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
    bool screen = rig_hash_screen(a->m) == rig_hash_screen(b->m);
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

    rig_open(&b, &parts);
    struct vmstate va = rig_describe(a), vb = rig_describe(&b);
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
        rig_run(a->m, at + after);
        rig_run(b.m, at + after);
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

int main(int argc, char **argv)
{
    uint64_t instants = 10, length = 200, after = 10, seed = 0;
    unsigned passed = 0, failed = 0;
    bool engines = false;
    const struct rig_option own[] = {{"-instants", &instants, NULL}, {"-length", &length, NULL},
                                     {"-after", &after, NULL},       {"-seed", &seed, NULL},
                                     {"-engines", NULL, &engines},   {NULL, NULL, NULL}};
    struct rig a, other;
    char made[] = "/tmp/gnomon-sweep-XXXXXX";

    rig_options(&parts, argc, argv, own);
    length *= MILLION;
    after *= MILLION;
    seed = seed * 2 + 1;
    folder = mkdtemp(made);
    rig_open(&a, &parts);
    if (engines) {
        parts.base.accel = PC_ACCEL_INTERP;
        rig_open(&other, &parts);
    }
    for (uint64_t i = 0; i < instants; i++) {
        /* Somewhere in this instant's share of the boot. */
        uint64_t share = length / instants, at = i * share + check_random(&seed) % share;

        if (at > cpu_icount(a.m->cpu)) {
            rig_run(a.m, at);
        }
        if (engines) {
            rig_run(other.m, at);
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
