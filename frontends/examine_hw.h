/* SPDX-License-Identifier: MIT */
/*
 * What the monitor shows of the chip set and the network.
 */
#ifndef FRONTENDS_EXAMINE_HW_H
#define FRONTENDS_EXAMINE_HW_H

#include "base/types.h"

struct session;
struct text;

void examine_apic(struct session *s, struct text *out, int io);
void examine_jit(struct session *s, struct text *out);
void examine_network(struct session *s, struct text *out);
void examine_pci(struct session *s, struct text *out);
/* By a network's id, or a card's id or name: ne2k_pci.0. False: there is none. */
bool control_set_link(struct session *s, const char *name, bool up);
/* Adds or removes a forwarding rule of the first user network; NULL, or a message (caller frees).
 */
char *control_forward(struct session *s, const char *rule, int add);

#endif
