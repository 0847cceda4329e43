/* SPDX-License-Identifier: MIT */
/*
 * The PCI side of the Intel 82371SB (PIIX3, order 290550) south bridge: device 1 of the bus.
 */
#ifndef HW_PIIX3_H
#define HW_PIIX3_H

#include "hw/line.h"

struct ide;
struct machine;
struct pci_bus;
struct piix3;
struct sysports;

/* Function 0, the ISA bridge. irq: by IRQ number, what a routed PIRQ drives. */
struct piix3 *piix3_create(struct machine *m, struct pci_bus *bus, const struct line irq[16],
                           struct sysports *ports);

/* Function 1, the IDE bus master; wired to both channels, whose interrupts pass through it. */
struct piix3_ide;
struct piix3_ide *piix3_ide_create(struct machine *m, struct pci_bus *bus, struct line irq14,
                                   struct line irq15);
/* What ide_create() gets as its interrupt line. */
struct line piix3_ide_irq(struct piix3_ide *s, unsigned channel);
void piix3_ide_connect(struct piix3_ide *s, unsigned channel, struct ide *ide);

#endif
