/* SPDX-License-Identifier: MIT */
/*
 * Small board logic that is no chip of its own: POST code latch, FPU error latch, reset and
 * power-off.
 */
#ifndef HW_SYSPORTS_H
#define HW_SYSPORTS_H

#include "hw/line.h"

struct machine;

/* Port 80h POST latch, CF9h reset control, the power-off ports. */
void sysports_create(struct machine *m);
/* FERR# to IRQ 13 as the AT does it; the returned line is the CPU's FERR# pin. */
struct line fpuerr_create(struct machine *m, struct line irq13);

#endif
