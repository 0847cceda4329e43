/* SPDX-License-Identifier: MIT */
/*
 * From a block of decoded instructions to IR, and through the passes of opt.h.
 */
#ifndef TCG_TRANSLATE_H
#define TCG_TRANSLATE_H

#include "cpu/interp.h"
#include "tcg/ir.h"

/*
 * entry: flags that wait to be stored where the block begins; NULL: none.
 * optimise: run every pass; else only those that the code needs to be right. share: opt_share()'s
 * `least`; 0: not.
 */
void translate_block(struct ir_block *ir, const struct block *b, const struct ir_flags *entry,
                     bool optimise, unsigned share);

/* Without the passes: to look at. */
void translate_only(struct ir_block *ir, const struct block *b, const struct ir_flags *entry);

#endif
