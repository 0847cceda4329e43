/* SPDX-License-Identifier: MIT */
/*
 * Debug console port: a byte written goes to a character stream.
 */
#ifndef HW_DEBUGPORT_H
#define HW_DEBUGPORT_H

#include "host/chardev.h"

struct machine;

/* Reads return `readback` (E9h by convention), so that a guest can tell that the port is there. */
void debugport_create(struct machine *m, uint16_t port, uint8_t readback, struct chardev *chr);

#endif
