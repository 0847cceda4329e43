/* SPDX-License-Identifier: MIT */
/*
 * A 16550A serial port.
 */
#ifndef HW_UART_H
#define HW_UART_H

#include "hw/line.h"
#include "host/chardev.h"

struct machine;

/* base: the first of eight ports. chr may be NULL: nothing is connected, the modem lines are off.
 */
void uart_create(struct machine *m, uint16_t base, struct line irq, struct chardev *chr);

#endif
