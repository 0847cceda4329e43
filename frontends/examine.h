/* SPDX-License-Identifier: MIT */
/*
 * The monitor's x and xp: memory as numbers, characters or instructions.
 */
#ifndef FRONTENDS_EXAMINE_H
#define FRONTENDS_EXAMINE_H

#include "frontends/text.h"

struct session;

/* "/4xw $pc+16": the format may be missing, then it is /1xw. linear: through the page tables. */
void examine(struct session *s, const char *args, bool linear, struct text *out);
/* "/x $eax + 4": one number; x without a format. */
void examine_print(struct session *s, const char *args, struct text *out);
/* "0x1000", "($esp - 4) & ~3": false and *error (caller frees) if it is no expression. Moves *p
 * behind it.
 */
bool evaluate(struct session *s, const char **p, uint64_t *value, char **error);

#endif
