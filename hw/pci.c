/* SPDX-License-Identifier: MIT */
/*
 * Configuration space, base address registers and interrupt pins of one PCI bus.
 *
 * Not modelled: bridges and other buses (they read all ones), special cycles, parity, latency.
 */
#include "hw/pci.h"

#include <string.h>

#include "base/endian.h"
#include "base/log.h"
#include "hw/device.h"
#include "hw/machine.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_ENABLE  0x80000000u

struct pci_bus {
    uint32_t address; /* CONFIG_ADDRESS */
    uint8_t levels;   /* PIRQA-D as they are driven */

    /* Not saved. */
    struct machine *machine;
    struct pci_function *first; /* by devfn */
    struct pci_host host;
};

/* ---- registers ---- */

uint32_t pci_get(const struct pci_function *f, unsigned offset, unsigned size)
{
    uint32_t val = 0;

    for (unsigned i = 0; i < size; i++) {
        val |= (uint32_t)f->config[(offset + i) & 0xff] << 8 * i;
    }
    return val;
}

void pci_set(struct pci_function *f, unsigned offset, unsigned size, uint32_t val)
{
    for (unsigned i = 0; i < size; i++) {
        f->config[(offset + i) & 0xff] = (uint8_t)(val >> 8 * i);
    }
}

void pci_writable(struct pci_function *f, unsigned offset, unsigned size, uint32_t bits)
{
    for (unsigned i = 0; i < size; i++) {
        f->writable[(offset + i) & 0xff] = (uint8_t)(bits >> 8 * i);
    }
}

/* ---- base address registers ---- */

static unsigned bar_register(unsigned n)
{
    return n == PCI_BAR_ROM ? PCI_ROM : PCI_BAR0 + 4 * n;
}

/* Where the guest wants it, or 0 for nowhere. Memory lies above RAM: there the bridge decides. */
static uint32_t wanted_at(const struct pci_function *f, unsigned n)
{
    const struct pci_bar *b = &f->bar[n];
    uint32_t val = pci_get(f, bar_register(n), 4), base = val & ~(b->size - 1);

    if (b->io) {
        return f->config[PCI_COMMAND] & PCI_COMMAND_IO && base + b->size <= 0x10000 ? base : 0;
    }
    if (!(f->config[PCI_COMMAND] & PCI_COMMAND_MEMORY) || (n == PCI_BAR_ROM && !(val & 1)) ||
        base < f->bus->machine->mem.ram_size || base + b->size < base) {
        return 0;
    }
    return base;
}

static void move_bar(struct pci_function *f, unsigned n)
{
    struct pci_bar *b = &f->bar[n];
    struct machine *m = f->bus->machine;
    uint32_t at = b->size ? wanted_at(f, n) : 0;

    if (at == b->at) {
        return;
    }
    if (b->io) {
        if (b->at) {
            io_window_close(m, b->handle, (uint16_t)b->at, b->size);
        }
        if (at) {
            io_window_open(m, b->handle, (uint16_t)at, b->size);
        }
    } else if (at) {
        physmem_move(&m->mem, b->handle, at);
        physmem_enable(&m->mem, b->handle, true);
    } else {
        physmem_enable(&m->mem, b->handle, false);
    }
    b->at = at;
}

static void move_bars(struct pci_function *f)
{
    for (unsigned n = 0; n < PCI_BARS; n++) {
        move_bar(f, n);
    }
}

static struct pci_bar *new_bar(struct pci_function *f, unsigned n, uint32_t size, uint32_t type,
                               bool io, unsigned handle)
{
    pci_writable(f, bar_register(n), 4, ~(size - 1) | (n == PCI_BAR_ROM));
    pci_set(f, bar_register(n), 4, type);
    f->bar[n] = (struct pci_bar){.size = size, .io = io, .handle = handle};
    pci_writable(f, PCI_COMMAND, 1,
                 f->writable[PCI_COMMAND] | (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY));
    return &f->bar[n];
}

void pci_bar_io(struct pci_function *f, unsigned n, uint32_t size, io_read_fn rd, io_write_fn wr,
                void *opaque)
{
    new_bar(f, n, size, 1, true, io_window_new(f->bus->machine, rd, wr, opaque));
}

void pci_bar_mmio(struct pci_function *f, unsigned n, uint32_t size, const struct mmio_ops *ops,
                  void *opaque)
{
    struct physmem *pm = &f->bus->machine->mem;
    unsigned region = physmem_map_mmio(pm, 0, size, f->name, ops, opaque);

    physmem_enable(pm, region, false);
    new_bar(f, n, size, 0, false, region);
}

void pci_bar_ram(struct pci_function *f, unsigned n, uint32_t size, uint8_t *bytes)
{
    struct physmem *pm = &f->bus->machine->mem;
    unsigned region = physmem_map_ram(pm, 0, size, f->name, bytes);

    physmem_enable(pm, region, false);
    new_bar(f, n, size, 8, false, region);
}

void pci_rom_set_ids(const struct pci_function *f, uint8_t *rom, uint32_t size)
{
    uint32_t at = load_le16(rom + 0x18);

    if (load_le16(rom) != 0xaa55 || at + 8 > size || memcmp(rom + at, "PCIR", 4) != 0 ||
        load_le32(rom + at + 4) != 0) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        rom[at + 4 + i] = f->config[PCI_VENDOR_ID + i];
        rom[6] = (uint8_t)(rom[6] - rom[at + 4 + i]);
    }
}

void pci_bar_rom(struct pci_function *f, uint32_t size, const uint8_t *bytes)
{
    struct physmem *pm = &f->bus->machine->mem;
    unsigned region = physmem_map_rom(pm, 0, size, f->name, bytes);

    physmem_enable(pm, region, false);
    new_bar(f, PCI_BAR_ROM, size, 0, false, region);
}

/* ---- interrupts ---- */

/* Device n's INTA# is on PIRQ (n + 3) & 3, as on QEMU's PCs: slot 1's functions on PIRQA. */
static unsigned pirq_of(const struct pci_function *f)
{
    return ((f->devfn >> 3) + f->pin - 1 + 3) & 3;
}

static void update_pirq(struct pci_bus *bus, unsigned n)
{
    bool level = false;

    for (const struct pci_function *f = bus->first; f; f = f->next) {
        level |= f->irq && f->pin && pirq_of(f) == n;
    }
    if (level != (bus->levels >> n & 1)) {
        bus->levels ^= (uint8_t)(1 << n);
        if (bus->host.pirq) {
            bus->host.pirq(bus->host.opaque, n, level);
        }
    }
}

void pci_set_irq(struct pci_function *f, bool level)
{
    if (f->irq != level) {
        f->irq = level;
        update_pirq(f->bus, pirq_of(f));
    }
}

/* ---- the guest's accesses ---- */

static struct pci_function *find(const struct pci_bus *bus, unsigned devfn)
{
    struct pci_function *f = bus->first;

    while (f && f->devfn != devfn) {
        f = f->next;
    }
    return f;
}

/* The function that CONFIG_ADDRESS names: on bus 0 only. */
static struct pci_function *addressed(const struct pci_bus *bus)
{
    if (!(bus->address & CONFIG_ENABLE) || (bus->address >> 16 & 0xff)) {
        return NULL;
    }
    return find(bus, bus->address >> 8 & 0xff);
}

static void config_write(struct pci_function *f, unsigned offset, uint32_t val, unsigned size)
{
    bool bars = false;

    for (unsigned i = 0; i < size; i++) {
        unsigned at = (offset + i) & 0xff;
        uint8_t byte = (uint8_t)(val >> 8 * i), w = f->writable[at];

        f->config[at] = (uint8_t)((f->config[at] & ~w) | (byte & w));
        f->config[at] &= (uint8_t) ~(byte & f->clears[at]);
        bars |= at == PCI_COMMAND || (at >= PCI_BAR0 && at < PCI_BAR0 + 24) ||
                (at >= PCI_ROM && at < PCI_ROM + 4);
    }
    if (bars) {
        move_bars(f);
    }
    if (f->config_written) {
        f->config_written(f->opaque, offset, size);
    }
}

static uint32_t pci_io_read(void *opaque, uint16_t port, unsigned size)
{
    struct pci_bus *bus = opaque;

    if (port >= CONFIG_ADDRESS + 4) {
        const struct pci_function *f = addressed(bus);

        return f ? pci_get(f, (bus->address & 0xfc) + (port & 3), size) : ~0u;
    }
    if (size == 4) {
        return bus->address;
    }
    return bus->host.fallback_read ? bus->host.fallback_read(bus->host.fallback_opaque, port, size)
                                   : ~0u;
}

static void pci_io_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    struct pci_bus *bus = opaque;

    if (port >= CONFIG_ADDRESS + 4) {
        struct pci_function *f = addressed(bus);

        if (f) {
            config_write(f, (bus->address & 0xfc) + (port & 3), val, size);
        }
    } else if (size == 4) {
        bus->address = val & 0x80fffffc;
    } else if (bus->host.fallback_write) {
        bus->host.fallback_write(bus->host.fallback_opaque, port, val, size);
    }
}

/* ---- life ---- */

const struct state_field pci_state[] = {
    STATE_BYTES(struct pci_function, config),
    STATE(struct pci_function, irq),
    STATE_END,
};

void pci_reset(struct pci_function *f)
{
    pci_set(f, PCI_COMMAND, 1, f->config[PCI_COMMAND] & ~f->writable[PCI_COMMAND]);
    for (unsigned n = 0; n < PCI_BARS; n++) {
        if (f->bar[n].size) {
            pci_set(f, bar_register(n), 4,
                    pci_get(f, bar_register(n), 4) & (f->bar[n].size - 1) & 0xf);
        }
    }
    f->config[PCI_INTERRUPT_LINE] = 0;
    if (f->bar[PCI_BAR_ROM].size) {
        pci_set(f, PCI_ROM, 4, 0);
    }
    move_bars(f);
    pci_set_irq(f, false);
}

/* What is saved may not be what this function can hold. */
void pci_loaded(struct pci_function *f)
{
    for (unsigned n = 0; n < PCI_BARS; n++) {
        uint32_t low = f->bar[n].size ? (f->bar[n].io ? 1 : pci_get(f, bar_register(n), 4) & 9) : 0;

        pci_set(f, bar_register(n), 4,
                f->bar[n].size ? (pci_get(f, bar_register(n), 4) & ~(f->bar[n].size - 1)) | low
                               : 0);
    }
    move_bars(f);
}

static void bus_reset(void *opaque)
{
    struct pci_bus *bus = opaque;

    bus->address = 0;
}

static const struct state_field bus_state[] = {
    STATE(struct pci_bus, address),
    STATE(struct pci_bus, levels),
    STATE_END,
};

static const struct device_type bus_type = {
    .name = "pci",
    .reset = bus_reset,
    .state = bus_state,
};

struct pci_bus *pci_bus_create(struct machine *m)
{
    struct pci_bus *bus = device_new(m, &bus_type, sizeof(*bus));

    bus->machine = m;
    io_map_wide(m, CONFIG_ADDRESS, 8, pci_io_read, pci_io_write, bus);
    return bus;
}

void pci_bus_set_host(struct pci_bus *bus, const struct pci_host *host)
{
    bus->host = *host;
}

void pci_add(struct pci_bus *bus, struct pci_function *f, unsigned devfn, const char *name,
             const struct pci_id *id, void *opaque)
{
    struct pci_function **p = &bus->first;

    while (*p && (*p)->devfn < devfn) {
        p = &(*p)->next;
    }
    f->next = *p;
    *p = f;
    f->bus = bus;
    f->name = name;
    f->devfn = (uint8_t)devfn;
    f->opaque = opaque;
    f->pin = id->pin;
    pci_set(f, PCI_VENDOR_ID, 2, id->vendor);
    pci_set(f, PCI_DEVICE_ID, 2, id->device);
    pci_set(f, PCI_CLASS, 2, id->class);
    pci_set(f, PCI_CLASS_PROG, 1, id->prog_if);
    pci_set(f, PCI_REVISION, 1, id->revision);
    pci_set(f, PCI_HEADER_TYPE, 1, id->multifunction ? 0x80 : 0);
    pci_set(f, PCI_INTERRUPT_PIN, 1, id->pin);
    pci_writable(f, PCI_INTERRUPT_LINE, 1, 0xff);
}

unsigned pci_free_slot(const struct pci_bus *bus)
{
    unsigned slot = 3;

    while (slot < 32 && find(bus, PCI_DEVFN(slot, 0))) {
        slot++;
    }
    return slot;
}

void pci_each(struct pci_bus *bus, void (*fn)(void *arg, const struct pci_function *f), void *arg)
{
    for (const struct pci_function *f = bus->first; f; f = f->next) {
        fn(arg, f);
    }
}
