/* SPDX-License-Identifier: MIT */
/*
 * The 8042 keyboard controller with its PS/2 keyboard and mouse.
 */
#ifndef HW_KBC_H
#define HW_KBC_H

#include "hw/keys.h"
#include "hw/line.h"

struct machine;
struct kbc;

struct kbc_lines {
    struct line irq1, irq12, a20, cpu_reset;
};

struct kbc *kbc_create(struct machine *m, struct kbc_lines lines);
/* Host input. Keys the keyboard has no room for wait in a host-side queue. */
void kbc_key(struct kbc *s, enum key_code key, bool down);
void kbc_mouse_move(struct kbc *s, int dx, int dy, int dz);
void kbc_mouse_buttons(struct kbc *s, unsigned buttons);

#endif
