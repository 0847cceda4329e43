/* SPDX-License-Identifier: MIT */
/*
 * PS/2 keyboard and mouse: what is at the other end of the two cables of the 8042.
 */
#ifndef HW_PS2_H
#define HW_PS2_H

#include "base/state.h"
#include "hw/keys.h"
#include "hw/line.h"

struct machine;
struct ps2_keyboard;
struct ps2_mouse;

/* `ready` is asserted while the device has a byte to send. */
struct ps2_keyboard *ps2_keyboard_create(struct machine *m, struct line ready);
struct ps2_mouse *ps2_mouse_create(struct machine *m, struct line ready);

/* The cable: a byte from the controller; the next byte for it (only while ready). */
void ps2_keyboard_write(struct ps2_keyboard *s, uint8_t val);
uint8_t ps2_keyboard_read(struct ps2_keyboard *s);
bool ps2_keyboard_ready(const struct ps2_keyboard *s);
void ps2_mouse_write(struct ps2_mouse *s, uint8_t val);
uint8_t ps2_mouse_read(struct ps2_mouse *s);
bool ps2_mouse_ready(const struct ps2_mouse *s);

void ps2_keyboard_key(struct ps2_keyboard *s, enum key_code key, bool down);
void ps2_mouse_move(struct ps2_mouse *s, int dx, int dy, int dz);
void ps2_mouse_buttons(struct ps2_mouse *s, unsigned buttons);

#endif
