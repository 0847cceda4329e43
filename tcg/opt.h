/* SPDX-License-Identifier: MIT */
/*
 * The passes over one block, in their order.
 */
#ifndef TCG_OPT_H
#define TCG_OPT_H

#include "tcg/ir.h"

/*
 * Says which flags are looked at, and puts in what remembers and restores them. Needed: without
 * `optimise` it takes every flag as wanted.
 */
void opt_flags(struct ir_block *b, bool optimise);
/*
 * Puts in SHARE where `least` accesses or more are by one register and constants. Before
 * opt_flags().
 */
void opt_share(struct ir_block *b, unsigned least);
/* Drops what computes a temporary that nobody uses, and compares without a use. */
void opt_dce(struct ir_block *b);

#endif
