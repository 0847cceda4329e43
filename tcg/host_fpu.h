/* SPDX-License-Identifier: MIT */
/*
 * The guest's x87 state in the host's x87, where that has one.
 *
 * Only with every exception masked, so that nothing can be pending. It stays there across blocks
 * and calls into C, which does not use the x87; whoever looks at cpu->fpu takes it back first.
 */
#ifndef TCG_HOST_FPU_H
#define TCG_HOST_FPU_H

#include "cpu/softfloat.h"

void host_fpu_init(struct cpu *cpu);
/* false: it may not be used now; then it is in cpu->fpu. */
bool host_fpu_enter(struct cpu *cpu);
void host_fpu_leave(struct cpu *cpu);
/*
 * A transcendental instruction on the state while it is in the host. false: an operand or mode with
 * rules of its own: nothing is done, and the state may have been taken back.
 */
bool host_fpu_function(struct cpu *cpu, enum f80_function f);
/* Before code that may use the x87 itself: an empty stack and the default control word. */
void host_fpu_reset(void);
/* Every exception of MXCSR is masked. */
static inline bool host_sse_allowed(const struct cpu *cpu)
{
    return (cpu->mxcsr & 0x1f80) == 0x1f80;
}

#endif
