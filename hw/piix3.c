/* SPDX-License-Identifier: MIT */
/*
 * PIIX3 function 0: interrupt steering. PIRQRCA-D say which of the 8259s' inputs a PCI interrupt
 * drives; the edge/level registers (ELCR) are the 8259s' (pic.c), reset control is sysports.c's.
 *
 * Not modelled: X-bus chip selects, ISA clock and recovery, SMI: their registers can be written.
 */
#include "hw/piix3.h"

#include "hw/device.h"
#include "hw/machine.h"
#include "hw/pci.h"
#include "hw/sysports.h"

#define PIRQRCA    0x60
#define PIRQRC_OFF 0x80   /* not routed */
#define VALID_IRQS 0xdef8 /* 3-7, 9-12, 14, 15 */

struct piix3 {
    struct pci_function pci;
    uint8_t pirq;  /* levels of PIRQA-D */
    uint16_t irqs; /* inputs that they drive now */

    /* Wiring; not saved. */
    struct line irq[16];
};

static void update(struct piix3 *s)
{
    unsigned irqs = 0, changed;

    for (unsigned n = 0; n < 4; n++) {
        uint8_t route = s->pci.config[PIRQRCA + n];

        if (s->pirq >> n & 1 && !(route & PIRQRC_OFF)) {
            irqs |= 1u << (route & 15);
        }
    }
    irqs &= VALID_IRQS;
    changed = irqs ^ s->irqs;
    s->irqs = (uint16_t)irqs;
    for (unsigned n = 0; n < 16; n++) {
        if (changed >> n & 1) {
            line_set(&s->irq[n], irqs >> n & 1);
        }
    }
}

static void set_pirq(void *opaque, unsigned n, bool level)
{
    struct piix3 *s = opaque;

    s->pirq = (uint8_t)((s->pirq & ~(1u << n)) | (unsigned)level << n);
    update(s);
}

static void config_written(void *opaque, unsigned offset, unsigned len)
{
    if (offset < PIRQRCA + 4 && offset + len > PIRQRCA) {
        update(opaque);
    }
}

static void piix3_reset(void *opaque)
{
    struct piix3 *s = opaque;

    pci_reset(&s->pci);
    pci_set(&s->pci, PCI_COMMAND, 2, 0x0007); /* cannot be switched off */
    pci_set(&s->pci, PCI_STATUS, 2, 0x0200);
    pci_set(&s->pci, 0x4c, 4, 0x0003004d); /* IORT, XBCS */
    pci_set(&s->pci, PIRQRCA, 4, 0x80808080);
    pci_set(&s->pci, 0x69, 1, 0x02); /* TOM */
    pci_set(&s->pci, 0x70, 1, 0x80); /* MBIRQ */
    pci_set(&s->pci, 0x76, 4, 0x00000c0c);
    pci_set(&s->pci, 0xa0, 4, 0x00000008);
    s->pirq = 0;
    update(s);
}

static void piix3_loaded(void *opaque)
{
    struct piix3 *s = opaque;

    pci_loaded(&s->pci);
}

static const struct state_field piix3_state[] = {
    PCI_STATE(struct piix3, pci),
    STATE(struct piix3, pirq),
    STATE(struct piix3, irqs),
    STATE_END,
};

static const struct device_type piix3_type = {
    .name = "piix3",
    .reset = piix3_reset,
    .loaded = piix3_loaded,
    .state = piix3_state,
};

struct piix3 *piix3_create(struct machine *m, struct pci_bus *bus, const struct line irq[16],
                           struct sysports *ports)
{
    static const struct pci_id id = {0x8086, 0x7000, 0x0601, 0, 0, true, 0};
    struct piix3 *s = device_new(m, &piix3_type, sizeof(*s));
    struct pci_host host = {set_pirq, sysports_reset_read, sysports_reset_write, s, ports};

    for (unsigned n = 0; n < 16; n++) {
        s->irq[n] = irq[n];
    }
    pci_add(bus, &s->pci, PCI_DEVFN(1, 0), "PIIX3", &id, s);
    s->pci.config_written = config_written;
    pci_writable(&s->pci, 0x4c, 4, 0xffff00ff);
    pci_writable(&s->pci, PIRQRCA, 4, 0x8f8f8f8f);
    pci_writable(&s->pci, 0x69, 2, 0xfeff);
    pci_writable(&s->pci, 0x70, 2, 0xefef);
    pci_writable(&s->pci, 0x76, 4, 0x00ffffff);
    pci_writable(&s->pci, 0xa0, 4, 0xffffffff);
    pci_bus_set_host(bus, &host);
    return s;
}
