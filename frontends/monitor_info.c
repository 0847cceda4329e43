/* SPDX-License-Identifier: MIT */
/*
 * The monitor's info: what there is to look at. Looking changes nothing in the guest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/state.h"
#include "cpu/cpu.h"
#include "frontends/control.h"
#include "frontends/examine_hw.h"
#include "frontends/monitor_command.h"
#include "frontends/mux.h"
#include "frontends/paging.h"
#include "frontends/registers.h"
#include "frontends/session.h"
#include "frontends/snapshot.h"
#include "hw/device.h"

static void info_status(struct words *w)
{
    struct session *s = w->s;

    if (s->state == RUN_RUNNING) {
        text_puts(w->out, "VM status: running\r\n");
    } else if (s->state == RUN_PAUSED) {
        text_puts(w->out, "VM status: paused\r\n");
    } else {
        text_printf(w->out, "VM status: paused (%s)\r\n", session_state_name(s));
    }
}

static void info_version(struct words *w)
{
    text_puts(w->out, GNOMON_VERSION "\r\n");
}

static void info_registers(struct words *w)
{
    registers_print(w->s, w->out);
}

static void info_block(struct words *w)
{
    struct drive_info info[CONTROL_DRIVES];
    unsigned n = control_drives(w->s, info);

    for (unsigned i = 0; i < n; i++) {
        const struct block *b = info[i].block;
        const char *path = b && block_path(b) ? block_path(b) : "built-in image";

        if (b) {
            text_printf(w->out, "%s%s: %s (raw%s)\r\n", i ? "\r\n" : "",
                        control_drive_label(&info[i]), path,
                        block_read_only(b) ? ", read-only" : "");
        } else {
            text_printf(w->out, "%s%s: [not inserted]\r\n", i ? "\r\n" : "",
                        control_drive_label(&info[i]));
        }
        text_printf(w->out, "    Attached to:      %s\r\n", control_drive_path(&info[i]));
        if (info[i].removable) {
            text_printf(w->out, "    Removable device: %slocked, tray %s\r\n",
                        info[i].locked ? "" : "not ", info[i].tray_open ? "open" : "closed");
        }
        if (b) {
            text_puts(w->out, "    Cache mode:       writeback\r\n");
        }
    }
}

static void info_chardev(struct words *w)
{
    for (unsigned i = 0; i < w->s->o->stream_count; i++) {
        char *what = chardev_describe(&w->s->o->stream[i].spec);

        text_printf(w->out, "%s: filename=%s\r\n", w->s->o->stream[i].id, what);
        free(what);
    }
}

static void info_cpus(struct words *w)
{
    text_printf(w->out, "* CPU #0: thread_id=%ld\r\n", (long)getpid());
}

static void info_name(struct words *w)
{
    if (w->s->o->name) {
        text_printf(w->out, "%s\r\n", w->s->o->name);
    }
}

static void info_mtree(struct words *w)
{
    const struct physmem *pm = &w->s->m->mem;

    text_printf(w->out, "%016x-%016x: ram\r\n", 0, pm->ram_size - 1);
    for (unsigned i = 0; i < pm->region_count; i++) {
        const struct physmem_region *r = &pm->region[i];

        text_printf(w->out, "%016llx-%016llx: %s (%s, priority %d)%s\r\n",
                    (unsigned long long)r->base, (unsigned long long)(r->base + r->size - 1),
                    r->name,
                    r->rom   ? "rom"
                    : r->ram ? "ram"
                             : "i/o",
                    r->priority, r->enabled ? "" : " [disabled]");
    }
    text_printf(w->out, "A20 %s\r\n", pm->a20_mask == ~0u ? "on" : "off");
}

static void info_events(struct words *w)
{
    const struct clock *c = &w->s->m->clock;

    text_printf(w->out, "now %llu ns\r\n", (unsigned long long)clock_now(c));
    for (const struct clock_event *e = c->first; e; e = e->next) {
        text_printf(w->out, "%s at %llu ns\r\n", e->name, (unsigned long long)e->when);
    }
}

static void info_snapshots(struct words *w)
{
    snapshot_list(w->s, w->out);
}

static void info_tlb(struct words *w)
{
    paging_print_pages(w->s, w->out);
}

static void info_mem(struct words *w)
{
    paging_print_ranges(w->s, w->out);
}

static void info_uuid(struct words *w)
{
    text_puts(w->out, "00000000-0000-0000-0000-000000000000\r\n");
}

static void info_mice(struct words *w)
{
    text_puts(w->out, "* Mouse #2: PS/2 Mouse\r\n");
}

/* Devices, by their state tables. */

struct device_search {
    struct words *w;
    const char *name;
    const struct device_type *type;
    void *dev;
    unsigned bytes; /* since the line began */
};

static void list_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct device_search *d = arg;

    (void)type;
    (void)dev;
    text_printf(d->w->out, "dev: %s\r\n", name);
}

static void match_device(void *arg, const char *name, const struct device_type *type, void *dev)
{
    struct device_search *d = arg;

    if (!strcmp(name, d->name)) {
        d->type = type;
        d->dev = dev;
    }
}

static void print_field(void *arg, const char *path, uint64_t v, unsigned width)
{
    struct device_search *d = arg;
    const char *index = strchr(path, '[');

    if (!index || strtoul(index + 1, NULL, 10) < 64) { /* not the contents of buffers */
        text_printf(d->w->out, "    %s = 0x%0*" PRIx64 "\r\n", path, (int)width * 2, v);
    }
}

static void info_qtree(struct words *w)
{
    struct device_search d = {.w = w, .name = w->count > 1 ? w->word[1] : NULL};

    if (!d.name) {
        device_each(w->s->m, list_device, &d);
        return;
    }
    device_each(w->s->m, match_device, &d);
    if (!d.type) {
        text_printf(w->out, "there is no device '%s': info qtree lists them\r\n", d.name);
        return;
    }
    text_printf(w->out, "dev: %s\r\n", d.name);
    state_each(d.type->state, d.dev, print_field, &d);
}

static unsigned pic_field(const struct device_search *d, unsigned chip, const char *name)
{
    char path[32];
    uint64_t v = 0;

    snprintf(path, sizeof(path), "chip[%u].%s", chip, name);
    state_get(d->type->state, d->dev, path, &v);
    return (unsigned)v;
}

static void info_pic(struct words *w)
{
    struct device_search d = {.w = w, .name = "pic"};

    device_each(w->s->m, match_device, &d);
    for (unsigned chip = 2; d.type && chip--;) { /* the slave first, as QEMU has it */
        text_printf(w->out,
                    "pic%u: irr=%02x imr=%02x isr=%02x hprio=%u irq_base=%02x rr_sel=%u elcr=%02x "
                    "fnm=%u\r\n",
                    chip, pic_field(&d, chip, "irr"), pic_field(&d, chip, "imr"),
                    pic_field(&d, chip, "isr"), (pic_field(&d, chip, "lowest") + 1) & 7,
                    pic_field(&d, chip, "icw2"), pic_field(&d, chip, "read_isr"),
                    pic_field(&d, chip, "elcr"), pic_field(&d, chip, "icw4") >> 4 & 1);
    }
}

/* What each interrupt input does now; they are not counted. */
static void info_irq(struct words *w)
{
    struct device_search d = {.w = w, .name = "pic"};

    device_each(w->s->m, match_device, &d);
    for (unsigned n = 0; d.type && n < 16; n++) {
        unsigned chip = n >> 3, bit = n & 7;

        text_printf(w->out, "%2u: vector %02x%s%s%s%s\r\n", n,
                    (pic_field(&d, chip, "icw2") & 0xf8) + bit,
                    pic_field(&d, chip, "level") >> bit & 1 ? ", asserted" : "",
                    pic_field(&d, chip, "irr") >> bit & 1 ? ", requested" : "",
                    pic_field(&d, chip, "isr") >> bit & 1 ? ", in service" : "",
                    pic_field(&d, chip, "imr") >> bit & 1 ? ", masked" : "");
    }
}

static void info_pci(struct words *w)
{
    examine_pci(w->s, w->out);
}

static void info_lapic(struct words *w)
{
    examine_apic(w->s, w->out, false);
}

static void info_ioapic(struct words *w)
{
    examine_apic(w->s, w->out, true);
}

static void info_jit(struct words *w)
{
    examine_jit(w->s, w->out);
}

static void info_network(struct words *w)
{
    examine_network(w->s, w->out);
}

const struct command monitor_info_commands[] = {
    {"block", "", "drives and their media", 0, 0, info_block},
    {"chardev", "", "host streams", 0, 0, info_chardev},
    {"cpus", "", "processors", 0, 0, info_cpus},
    {"events", "", "what the clock will do next", 0, 0, info_events},
    {"mtree", "", "what is where in physical memory", 0, 0, info_mtree},
    {"irq", "", "interrupt inputs", 0, 0, info_irq},
    {"ioapic", "", "the I/O APIC's registers", 0, 0, info_ioapic},
    {"jit", "", "what the translator has done", 0, 0, info_jit},
    {"lapic", "", "the local APIC's registers", 0, 0, info_lapic},
    {"mem", "", "what is mapped, as ranges", 0, 0, info_mem},
    {"mice", "", "the mouse", 0, 0, info_mice},
    {"name", "", "the machine's name", 0, 0, info_name},
    {"network", "", "network cards and their networks", 0, 0, info_network},
    {"pci", "", "the PCI bus", 0, 0, info_pci},
    {"pic", "", "interrupt controllers", 0, 0, info_pic},
    {"qtree", "[DEVICE]", "devices; with a name, its registers", 0, 1, info_qtree},
    {"registers", "", "the processor's registers", 0, 0, info_registers},
    {"snapshots", "", "saved states", 0, 0, info_snapshots},
    {"status", "", "running or not", 0, 0, info_status},
    {"tlb", "", "what is mapped, page by page", 0, 0, info_tlb},
    {"uuid", "", "of no meaning here", 0, 0, info_uuid},
    {"version", "", "the program's version", 0, 0, info_version},
};
const size_t monitor_info_count = ARRAY_LEN(monitor_info_commands);
