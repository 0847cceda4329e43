/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE: the guest's instructions on the host's units.
 */
#include "tcg/layout.h"
#include "tcg/x64/cold.h"

void emit_fp(struct emit *e, const struct ir_insn *i)
{
    (void)i;
    e->full = true;
}
