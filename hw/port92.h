/* SPDX-License-Identifier: MIT */
/*
 * System control port A (92h).
 */
#ifndef HW_PORT92_H
#define HW_PORT92_H

#include "hw/line.h"

struct machine;

void port92_create(struct machine *m, struct line a20, struct line cpu_reset);

#endif
