/* SPDX-License-Identifier: MIT */
/*
 * Offsets into struct cpu that emitted code relies on. The only header of the CPU that a back end
 * sees.
 */
#ifndef TCG_LAYOUT_H
#define TCG_LAYOUT_H

#include "cpu/cpu.h"

#define CPU_OFF(field) ((int32_t)offsetof(struct cpu, field))
#define CPU_REG(r)     (CPU_OFF(reg) + 4 * (int32_t)(r))
#define CPU_SEG(s, f) \
    (CPU_OFF(seg) + (int32_t)((s) * sizeof(struct segment)) + (int32_t)offsetof(struct segment, f))

_Static_assert(sizeof(((struct cpu *)0)->reg[0]) == 4, "registers are 32 bits");
_Static_assert(offsetof(struct lazy_flags, over) == offsetof(struct lazy_flags, kind) + 2,
               "kind and over are written together");
_Static_assert(sizeof(((struct segment *)0)->read_end) == 8, "limits are compared as 64 bits");
_Static_assert(sizeof(((struct cpu *)0)->xmm[0]) == 16, "XMM registers");

#endif
