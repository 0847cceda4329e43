/* SPDX-License-Identifier: MIT */
/*
 * The second machine of -accel lockstep: the first runs translated code, the second the
 * interpreter, and they should be the same. Part of the board.
 */
#ifndef HW_LOCKSTEP_H
#define HW_LOCKSTEP_H

#include "hw/pc.h"

/* Both machines, as pc_create(). The second one hangs on the first and goes with it. */
struct machine *lockstep_create(const struct pc_config *config, char **error);
/* Runs both, as pc_run(), and compares. Where they differ: said on standard error, the end. */
enum pc_run_result lockstep_run(struct machine *m, uint32_t n);
/* The second machine, if there is one, runs as far as the first has: before input. */
void lockstep_catch_up(struct pc *pc);
/* The same medium, with an overlay of its own, goes into the second machine's drive by set(). */
char *lockstep_set_medium(struct machine *m, unsigned drive, struct block *block,
                          char *(*set)(struct machine *m, unsigned drive, struct block *block));

#endif
