/* SPDX-License-Identifier: MIT */
/*
 * The PCI bus as `info pci` and query-pci show it, the words and the order QEMU's.
 */
#include <string.h>

#include "frontends/examine_hw.h"
#include "frontends/qmp_call.h"
#include "frontends/session.h"
#include "hw/pci.h"

struct listing {
    struct session *s;
    struct text *out;
    unsigned functions, cards; /* listed so far */
};

static const char *class_name(unsigned class)
{
    static const struct {
        unsigned class;
        const char *name;
    } names[] = {{0x0100, "SCSI controller"},     {0x0101, "IDE controller"},
                 {0x0200, "Ethernet controller"}, {0x0300, "VGA controller"},
                 {0x0401, "Audio controller"},    {0x0600, "Host bridge"},
                 {0x0601, "ISA bridge"},          {0x0680, "Bridge"}};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].class == class) {
            return names[i].name;
        }
    }
    return "Device";
}

/* -device's id: network cards are on the bus in the order in which they were given. */
static const char *id_of(struct listing *l, const struct pci_function *f)
{
    const struct pc_config *c = &l->s->config;
    unsigned n = 0;

    if (pci_get(f, PCI_CLASS, 2) != 0x0200) {
        return "";
    }
    l->cards++;
    for (unsigned i = 0; i < c->nic_count; i++) {
        n += c->nic[i].model == PC_NIC_NE2K_PCI;
        if (n == l->cards) {
            return c->nic[i].id ? c->nic[i].id : "";
        }
    }
    return "";
}

static bool prefetchable(const struct pci_function *f, unsigned n)
{
    return n < PCI_BAR_ROM && pci_get(f, PCI_BAR0 + 4 * n, 4) & 8;
}

static void print_bars(struct text *out, const struct pci_function *f)
{
    for (unsigned n = 0; n < PCI_BARS; n++) {
        const struct pci_bar *b = &f->bar[n];
        /* One that is closed is at -1, also for those who reckon its end. */
        unsigned long long at = b->at ? b->at : ~0ull, end = at + b->size - 1;

        if (b->size && b->io) {
            text_printf(out, "      BAR%u: I/O at 0x%04llx [0x%04llx].\r\n", n, at, end);
        } else if (b->size) {
            text_printf(out, "      BAR%u: 32 bit %smemory at 0x%08llx [0x%08llx].\r\n", n,
                        prefetchable(f, n) ? "prefetchable " : "", at, end);
        }
    }
}

static void print_function(void *arg, const struct pci_function *f)
{
    struct listing *l = arg;

    text_printf(l->out, "  Bus  0, device %3u, function %u:\r\n    %s: PCI device %04x:%04x\r\n",
                f->devfn >> 3, f->devfn & 7, class_name(pci_get(f, PCI_CLASS, 2)),
                pci_get(f, PCI_VENDOR_ID, 2), pci_get(f, PCI_DEVICE_ID, 2));
    if (pci_get(f, PCI_SUBSYSTEM_VENDOR, 4)) {
        text_printf(l->out, "      PCI subsystem %04x:%04x\r\n",
                    pci_get(f, PCI_SUBSYSTEM_VENDOR, 2), pci_get(f, PCI_SUBSYSTEM, 2));
    }
    if (f->pin) {
        text_printf(l->out, "      IRQ %u, pin %c\r\n", f->config[PCI_INTERRUPT_LINE],
                    (char)('A' + f->pin - 1));
    }
    print_bars(l->out, f);
    text_printf(l->out, "      id \"%s\"\r\n", id_of(l, f));
}

void examine_pci(struct session *s, struct text *out)
{
    struct listing l = {.s = s, .out = out};

    if (pc_pci(s->m)) {
        pci_each(pc_pci(s->m), print_function, &l);
    } else {
        text_puts(out, "there is no PCI on an isapc\r\n");
    }
}

static void write_regions(struct text *t, const struct pci_function *f)
{
    const char *between = "";

    for (unsigned n = 0; n < PCI_BARS; n++) {
        const struct pci_bar *b = &f->bar[n];

        if (!b->size) {
            continue;
        }
        text_printf(t, "%s{", between);
        if (!b->io) {
            text_printf(t, "\"prefetch\": %s, \"mem_type_64\": false, ",
                        prefetchable(f, n) ? "true" : "false");
        }
        text_printf(t, "\"bar\": %u, \"size\": %u, \"address\": %lld, \"type\": \"%s\"}", n,
                    b->size, b->at ? (long long)b->at : -1, b->io ? "io" : "memory");
        between = ", ";
    }
}

static void write_function(void *arg, const struct pci_function *f)
{
    struct listing *l = arg;
    unsigned class = pci_get(f, PCI_CLASS, 2);

    text_printf(l->out, "%s{\"irq_pin\": %u, \"bus\": 0, \"qdev_id\": ", l->functions++ ? ", " : "",
                f->pin);
    json_write_string(l->out, id_of(l, f));
    if (f->pin) {
        text_printf(l->out, ", \"irq\": %u", f->config[PCI_INTERRUPT_LINE]);
    }
    text_printf(l->out,
                ", \"slot\": %u, \"class_info\": {\"class\": %u, \"desc\": \"%s\"}, \"id\": "
                "{\"device\": %u, \"subsystem-vendor\": %u, \"vendor\": %u, \"subsystem\": %u}, "
                "\"function\": %u, \"regions\": [",
                f->devfn >> 3, class, class_name(class), pci_get(f, PCI_DEVICE_ID, 2),
                pci_get(f, PCI_SUBSYSTEM_VENDOR, 2), pci_get(f, PCI_VENDOR_ID, 2),
                pci_get(f, PCI_SUBSYSTEM, 2), f->devfn & 7);
    write_regions(l->out, f);
    text_puts(l->out, "]}");
}

char *run_query_pci(struct call *c)
{
    struct listing l = {.s = c->s, .out = c->result};
    struct pci_bus *bus = pc_pci(c->s->m);

    text_puts(c->result, bus ? "[{\"bus\": 0, \"devices\": [" : "[");
    if (bus) {
        pci_each(bus, write_function, &l);
        text_puts(c->result, "]}");
    }
    text_puts(c->result, "]");
    return NULL;
}
