/* SPDX-License-Identifier: MIT */
/*
 * isa-debug-exit: a guest's write ends the machine.
 */
#ifndef HW_DEBUGEXIT_H
#define HW_DEBUGEXIT_H

#include "base/types.h"

struct machine;

void debugexit_create(struct machine *m, uint16_t base, uint16_t size);

#endif
