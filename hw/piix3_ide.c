/* SPDX-License-Identifier: MIT */
/*
 * PIIX3 function 1: the bus master of both IDE channels (82371SB data sheet 2.3, 2.4.6; SFF-8038i).
 * A drive that has a block ready pulls DMARQ (ide.c) and the bytes move at once, along the physical
 * region descriptors, while the start bit is set.
 *
 * Not modelled: timing registers (they can be written), the enable bits of the legacy ports (always
 * on).
 */
#include "hw/piix3.h"

#include "base/endian.h"
#include "hw/device.h"
#include "hw/ide.h"
#include "hw/machine.h"
#include "hw/pci.h"

enum {
    BMICOM = 0,
    BMISTA = 2,
    BMIDTP = 4,

    BMICOM_START = 1 << 0,
    BMICOM_TO_MEMORY = 1 << 3,

    BMISTA_ACTIVE = 1 << 0,
    BMISTA_ERROR = 1 << 1,
    BMISTA_INTR = 1 << 2,
    BMISTA_DRIVES = 3 << 5, /* drives that can do DMA: for software to remember */
};
#define PRD_END 0x80000000u

struct bus_master {
    uint8_t command, status;
    uint32_t table; /* BMIDTP */
    bool irq;       /* the drive's INTRQ */
    /* The descriptor in work. */
    uint32_t next, address, left;
    bool last;
};

struct piix3_ide {
    struct pci_function pci;
    struct bus_master channel[2];

    /* Wiring; not saved. */
    struct machine *machine;
    struct ide *ide[2];
    struct line irq[2];
};

/* Takes the next descriptor; false: the last one is used up. */
static bool next_region(struct piix3_ide *s, struct bus_master *c)
{
    uint8_t prd[8];
    uint32_t len;

    if (c->last) {
        return false;
    }
    physmem_read(&s->machine->mem, c->next, prd, sizeof(prd));
    c->next += sizeof(prd);
    c->address = load_le32(prd) & ~1u;
    len = load_le32(prd + 4);
    c->left = len & 0xfffe ? len & 0xfffe : 0x10000;
    c->last = len & PRD_END;
    return true;
}

/* A drive's block: as many of its bytes as there is room for. */
static uint32_t transfer(void *opaque, unsigned n, uint8_t *data, uint32_t len, bool to_memory)
{
    struct piix3_ide *s = opaque;
    struct bus_master *c = &s->channel[n];
    uint32_t done = 0;

    if (!(c->status & BMISTA_ACTIVE) || !pci_is_master(&s->pci) ||
        to_memory != !!(c->command & BMICOM_TO_MEMORY)) {
        return 0;
    }
    while (done < len && (c->left || next_region(s, c))) {
        uint32_t piece = len - done < c->left ? len - done : c->left;

        if (to_memory) {
            physmem_write(&s->machine->mem, c->address, data + done, piece);
        } else {
            physmem_read(&s->machine->mem, c->address, data + done, piece);
        }
        done += piece;
        c->address += piece;
        c->left -= piece;
    }
    if (!c->left && c->last) {
        c->status &= (uint8_t)~BMISTA_ACTIVE;
    }
    return done;
}

static void write_command(struct piix3_ide *s, unsigned n, uint8_t val)
{
    struct bus_master *c = &s->channel[n];
    bool starts = val & ~c->command & BMICOM_START;

    c->command = val & (BMICOM_START | BMICOM_TO_MEMORY);
    if (!(val & BMICOM_START)) {
        c->status &= (uint8_t)~BMISTA_ACTIVE;
    } else if (starts) {
        c->status |= BMISTA_ACTIVE;
        c->next = c->table;
        c->left = 0;
        c->last = false;
        if (s->ide[n]) {
            ide_dma_started(s->ide[n]);
        }
    }
}

static void write_byte(struct piix3_ide *s, unsigned reg, uint8_t val)
{
    struct bus_master *c = &s->channel[reg >> 3];

    switch (reg & 7) {
    case BMICOM: write_command(s, reg >> 3, val); break;
    case BMISTA:
        c->status &= (uint8_t) ~(val & (BMISTA_INTR | BMISTA_ERROR));
        c->status = (uint8_t)((c->status & ~BMISTA_DRIVES) | (val & BMISTA_DRIVES));
        break;
    case BMIDTP:
    case BMIDTP + 1:
    case BMIDTP + 2:
    case BMIDTP + 3: {
        unsigned shift = 8 * (reg & 3);

        c->table = ((c->table & ~(0xffu << shift)) | (uint32_t)val << shift) & ~3u;
        break;
    }
    default: break;
    }
}

static uint8_t read_byte(const struct piix3_ide *s, unsigned reg)
{
    const struct bus_master *c = &s->channel[reg >> 3];

    switch (reg & 7) {
    case BMICOM: return c->command;
    case BMISTA: return c->status;
    case BMIDTP:
    case BMIDTP + 1:
    case BMIDTP + 2:
    case BMIDTP + 3: return (uint8_t)(c->table >> 8 * (reg & 3));
    default: return 0xff;
    }
}

static uint32_t bm_read(void *opaque, uint16_t port, unsigned size)
{
    uint32_t val = 0;

    for (unsigned i = 0; i < size; i++) {
        val |= (uint32_t)read_byte(opaque, (port + i) & 15) << 8 * i;
    }
    return val;
}

static void bm_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        write_byte(opaque, (port + i) & 15, (uint8_t)(val >> 8 * i));
    }
}

static void set_irq(void *opaque, unsigned n, bool level)
{
    struct piix3_ide *s = opaque;
    struct bus_master *c = &s->channel[n];

    if (level && !c->irq) {
        c->status |= BMISTA_INTR;
    }
    c->irq = level;
    line_set(&s->irq[n], level);
}

static void piix3_ide_reset(void *opaque)
{
    struct piix3_ide *s = opaque;

    pci_reset(&s->pci);
    pci_set(&s->pci, PCI_STATUS, 2, 0x0280);
    pci_set(&s->pci, 0x40, 4, 0);
    for (unsigned n = 0; n < 2; n++) {
        s->channel[n] = (struct bus_master){.irq = s->channel[n].irq};
    }
}

static void piix3_ide_loaded(void *opaque)
{
    struct piix3_ide *s = opaque;

    pci_loaded(&s->pci);
}

static const struct state_field channel_state[] = {
    STATE(struct bus_master, command),
    STATE(struct bus_master, status),
    STATE(struct bus_master, table),
    STATE(struct bus_master, irq),
    STATE(struct bus_master, next),
    STATE(struct bus_master, address),
    STATE(struct bus_master, left),
    STATE(struct bus_master, last),
    STATE_END,
};

static const struct state_field piix3_ide_state[] = {
    PCI_STATE(struct piix3_ide, pci),
    STATE_SUBS(struct piix3_ide, channel, struct bus_master, 2, channel_state),
    STATE_END,
};

static const struct device_type piix3_ide_type = {
    .name = "piix3-ide",
    .reset = piix3_ide_reset,
    .loaded = piix3_ide_loaded,
    .state = piix3_ide_state,
};

struct piix3_ide *piix3_ide_create(struct machine *m, struct pci_bus *bus, struct line irq14,
                                   struct line irq15)
{
    static const struct pci_id id = {0x8086, 0x7010, 0x0101, 0x80, 0, false, 0};
    struct piix3_ide *s = device_new(m, &piix3_ide_type, sizeof(*s));

    s->machine = m;
    s->irq[0] = irq14;
    s->irq[1] = irq15;
    pci_add(bus, &s->pci, PCI_DEVFN(1, 1), "PIIX3 IDE", &id, s);
    pci_bar_io(&s->pci, 4, 16, bm_read, bm_write, s);
    pci_writable(&s->pci, PCI_COMMAND, 1, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    pci_writable(&s->pci, 0x40, 4, 0xf3fff3ff); /* IDETIM */
    pci_writable(&s->pci, 0x44, 1, 0xff);       /* SIDETIM */
    return s;
}

struct line piix3_ide_irq(struct piix3_ide *s, unsigned channel)
{
    return (struct line){.set = set_irq, .opaque = s, .n = channel};
}

void piix3_ide_connect(struct piix3_ide *s, unsigned channel, struct ide *ide)
{
    s->ide[channel] = ide;
    ide_set_dma(ide, &(struct ide_dma){transfer, s, channel});
}
