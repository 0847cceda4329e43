/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer and the system control port B (61h) that gates its third counter.
 */
#ifndef HW_PIT_H
#define HW_PIT_H

#include "hw/line.h"

#define PIT_HZ 1193182u

struct machine;
struct pit;

/* irq0 follows OUT of counter 0. */
struct pit *pit_create(struct machine *m, struct line irq0);

#endif
