/* SPDX-License-Identifier: MIT */
/*
 * The registers as text, laid out as QEMU's "info registers" is, which scripts read.
 */
#ifndef FRONTENDS_REGISTERS_H
#define FRONTENDS_REGISTERS_H

#include "frontends/text.h"

struct session;

void registers_print(struct session *s, struct text *out);
/* "eax", "eip", "cs", "pc" (linear CS:EIP) ...; false if there is no such register. */
bool registers_get(struct session *s, const char *name, uint32_t *value);

#endif
