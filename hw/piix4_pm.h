/* SPDX-License-Identifier: MIT */
/*
 * Power management: function 3 of the Intel 82371AB (PIIX4, order 290562), beside a PIIX3 as on
 * QEMU's PCs.
 */
#ifndef HW_PIIX4_PM_H
#define HW_PIIX4_PM_H

#include "hw/line.h"

struct machine;
struct pci_bus;
struct piix4_pm;

/* sci: IRQ 9. */
struct piix4_pm *piix4_pm_create(struct machine *m, struct pci_bus *bus, struct line sci);

enum piix4_event { PIIX4_POWER_BUTTON = 8, PIIX4_SLEEP_BUTTON = 9, PIIX4_RTC = 10 };
/* Sets its bit in PM1_STS; an SCI if it is enabled. */
void piix4_pm_event(struct piix4_pm *s, enum piix4_event event);

#endif
