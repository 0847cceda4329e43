/* SPDX-License-Identifier: MIT */
/*
 * Private to the x86-64 back end: between emit.c, fp.c, cold.c and entry.c.
 */
#ifndef TCG_X64_COLD_H
#define TCG_X64_COLD_H

#include "cpu/lazy.h"
#include "tcg/x64/emit.h"

unsigned x64_log2(unsigned size);
void emit_store_lazy(struct emit *e, int32_t offset, struct ir_opd x, unsigned size);
unsigned emit_host_reg(struct emit *e, struct ir_opd x, unsigned size);
struct x64_mem emit_host_mem(struct emit *e, struct ir_opd m);
struct cold *emit_new_cold(struct emit *e, enum cold_kind kind, const struct ir_insn *i);
/* What they were made of (index in ir->flags), unless it is -1. */
void emit_store_flags(struct emit *e, int index);
void emit_x87_note(struct emit *e, uint32_t eip, uint32_t fop);
void emit_keep(struct emit *e, unsigned cc);
void emit_call(struct emit *e, enum x64_glue glue, unsigned insn);
/* x87, MMX and SSE operations (fp.c). */
void emit_fp(struct emit *e, const struct ir_insn *i);
/* Everything behind the hot path; budget, limit: jumps of the entry's checks. */
void x64_emit_cold(struct emit *e, uint8_t *budget, uint8_t *limit);
bool x64_emit(struct codebuf *buf, struct backend_job *job);

#endif
