/* SPDX-License-Identifier: MIT */
/*
 * Small board logic that is no chip of its own: POST code latch, FPU error latch, reset and
 * power-off.
 */
#ifndef HW_SYSPORTS_H
#define HW_SYSPORTS_H

#include "hw/line.h"

struct machine;
struct sysports;

/* Port 80h POST latch, CF9h reset control, the power-off ports. */
struct sysports *sysports_create(struct machine *m);
/* CF9h again, for a PCI host bridge that takes CF8h-CFBh. opaque: the struct sysports. */
uint32_t sysports_reset_read(void *opaque, uint16_t port, unsigned size);
void sysports_reset_write(void *opaque, uint16_t port, uint32_t val, unsigned size);
/* FERR# to IRQ 13 as the AT does it; the returned line is the CPU's FERR# pin. */
struct line fpuerr_create(struct machine *m, struct line irq13);

#endif
