/* SPDX-License-Identifier: MIT */
/*
 * A parallel port with a printer.
 */
#ifndef HW_PARALLEL_H
#define HW_PARALLEL_H

#include "hw/line.h"
#include "host/chardev.h"

struct machine;

/* base: the first of three ports. What is printed goes to chr. */
void parallel_create(struct machine *m, uint16_t base, struct line irq, struct chardev *chr);

#endif
