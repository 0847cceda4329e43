/* SPDX-License-Identifier: MIT */
/*
 * The Intel 440FX host bridge (82441FX PMC, order 290549): what the BIOS shadows itself with.
 */
#ifndef HW_I440FX_H
#define HW_I440FX_H

struct machine;
struct pci_bus;

/* Device 0 of the bus. Create it after the ROMs are mapped: its windows lie over them. */
void i440fx_create(struct machine *m, struct pci_bus *bus);

#endif
