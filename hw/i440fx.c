/* SPDX-License-Identifier: MIT */
/*
 * Intel 440FX host bridge: the programmable attribute map (PAM0-PAM6) decides, for the BIOS area
 * and 12 pieces of 16 KiB below it, whether reads and writes go to RAM or to what is on the bus.
 *
 * Not modelled: SMRAM (the register can be written; there is no SMM), error reporting, DRAM timing,
 * the DRAM row boundaries (they say what is there and can be written).
 */
#include "hw/i440fx.h"

#include "base/endian.h"
#include "hw/device.h"
#include "hw/machine.h"
#include "hw/pci.h"

#define PAM0     0x59
#define SMRAM    0x72
#define SEGMENTS 13

enum {
    PAM_RE = 1 << 0, /* reads from RAM */
    PAM_WE = 1 << 1, /* writes to RAM */
};

struct i440fx {
    struct pci_function pci;

    /* Not saved. */
    struct machine *machine;
    struct segment {
        struct i440fx *bridge;
        phys_addr_t base, size;
        unsigned region;
        uint8_t mode; /* PAM bits that it is mapped for */
    } segment[SEGMENTS];
};

/* RE off, WE on: while a BIOS copies itself. What would be read is below this region. */
static uint32_t copying_read(void *opaque, uint32_t offset, unsigned size)
{
    struct segment *g = opaque;
    struct physmem *pm = &g->bridge->machine->mem;
    uint32_t val;

    pm->region[g->region].enabled = false; /* just for this: nobody needs to be told */
    val = physmem_load(pm, g->base + offset, size);
    pm->region[g->region].enabled = true;
    return val;
}

static void copying_write(void *opaque, uint32_t offset, uint32_t val, unsigned size)
{
    struct segment *g = opaque;
    uint8_t bytes[4];

    store_le32(bytes, val);
    for (unsigned i = 0; i < size; i++) {
        g->bridge->machine->mem.ram[g->base + offset + i] = bytes[i];
    }
}

static const struct mmio_ops copying_ops = {copying_read, copying_write};

static void map_segment(struct i440fx *s, unsigned n)
{
    struct segment *g = &s->segment[n];
    struct physmem *pm = &s->machine->mem;
    uint8_t *ram = pm->ram + g->base;
    /* PAM0's upper half is F0000h-FFFFFh; from PAM1 on two pieces a byte, the lower one first. */
    uint8_t pam = s->pci.config[PAM0 + (n + 1) / 2], mode = (n & 1 ? pam : pam >> 4) & 3;

    if (mode == g->mode) {
        return;
    }
    g->mode = mode;
    physmem_enable(pm, g->region, false);
    physmem_set_host(pm, g->region, mode == PAM_RE ? ram : NULL,
                     mode == (PAM_RE | PAM_WE) ? ram : NULL);
    physmem_enable(pm, g->region, mode != 0);
}

static void map_segments(struct i440fx *s)
{
    for (unsigned n = 0; n < SEGMENTS; n++) {
        map_segment(s, n);
    }
}

static void config_written(void *opaque, unsigned offset, unsigned len)
{
    if (offset < PAM0 + 7 && offset + len > PAM0) {
        map_segments(opaque);
    }
}

static void i440fx_reset(void *opaque)
{
    struct i440fx *s = opaque;

    pci_reset(&s->pci);
    pci_set(&s->pci, PCI_COMMAND, 2, 0x0006); /* cannot be switched off */
    pci_set(&s->pci, PCI_STATUS, 2, 0x0280);
    pci_set(&s->pci, PAM0, 4, 0);
    pci_set(&s->pci, PAM0 + 4, 3, 0);
    pci_set(&s->pci, SMRAM, 1, 0x02);
    map_segments(s);
}

static void i440fx_loaded(void *opaque)
{
    struct i440fx *s = opaque;

    pci_loaded(&s->pci);
    map_segments(s);
}

static const struct state_field i440fx_state[] = {
    PCI_STATE(struct i440fx, pci),
    STATE_END,
};

static const struct device_type i440fx_type = {
    .name = "i440fx",
    .reset = i440fx_reset,
    .loaded = i440fx_loaded,
    .state = i440fx_state,
};

void i440fx_create(struct machine *m, struct pci_bus *bus)
{
    static const struct pci_id id = {0x8086, 0x1237, 0x0600, 0, 2, false, 0};
    struct i440fx *s = device_new(m, &i440fx_type, sizeof(*s));

    s->machine = m;
    pci_add(bus, &s->pci, PCI_DEVFN(0, 0), "i440FX", &id, s);
    s->pci.config_written = config_written;
    pci_writable(&s->pci, PAM0, 4, 0x33333330);
    pci_writable(&s->pci, PAM0 + 4, 3, 0x333333);
    pci_writable(&s->pci, 0x50, 4, 0xffffffff); /* PMCCFG, DETURBO, DBC */
    pci_writable(&s->pci, 0x60, 4, 0xffffffff); /* DRB0-7 */
    pci_writable(&s->pci, 0x64, 4, 0xffffffff);
    pci_writable(&s->pci, SMRAM, 1, 0x78);
    for (unsigned n = 0; n < SEGMENTS; n++) {
        struct segment *g = &s->segment[n];

        *g = (struct segment){.bridge = s,
                              .base = n ? 0xc0000 + (n - 1) * 0x4000 : 0xf0000,
                              .size = n ? 0x4000 : 0x10000};
        g->region = physmem_map_mmio(&m->mem, g->base, g->size, "pam", &copying_ops, g);
        physmem_enable(&m->mem, g->region, false);
    }
}
