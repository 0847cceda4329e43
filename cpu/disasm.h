/* SPDX-License-Identifier: MIT */
/*
 * struct insn -> text, in Intel's syntax.
 */
#ifndef CPU_DISASM_H
#define CPU_DISASM_H

#include "cpu/decode.h"

/* eip: of the instruction, for branch targets. out holds at least 96 bytes. */
void disasm_insn(const struct insn *i, uint32_t eip, char *out, size_t size);

#endif
