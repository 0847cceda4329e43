/* SPDX-License-Identifier: MIT */
/*
 * The two cascaded 8259A interrupt controllers.
 */
#ifndef HW_PIC_H
#define HW_PIC_H

#include "hw/line.h"

struct machine;
struct pic;

/* intr goes to the CPU's INTR pin. */
struct pic *pic_create(struct machine *m, struct line intr);
/* Input n, 0-15. Inputs 0 and 2 are the timer's and the cascade's. */
struct line pic_irq(struct pic *s, unsigned n);
/* The CPU's INTA cycles: the vector. */
int pic_ack(struct pic *s);
/* True if any input is unmasked: something could still interrupt. */
bool pic_any_enabled(const struct pic *s);

#endif
