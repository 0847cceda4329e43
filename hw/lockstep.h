/* SPDX-License-Identifier: MIT */
/*
 * Compares two machines that should be the same: the first runs translated code, the second the
 * interpreter. Part of the board.
 */
#ifndef HW_LOCKSTEP_H
#define HW_LOCKSTEP_H

#include "hw/machine.h"

enum lockstep_depth {
    LOCKSTEP_REGISTERS, /* general registers, EIP, EFLAGS, instruction count */
    LOCKSTEP_CPU,       /* everything that the CPU saves */
    LOCKSTEP_RAM,       /* and memory */
};

/*
 * false: they differ, and it was said where on standard error. eip: of the first before it ran what
 * is compared.
 */
bool lockstep_same(struct machine *first, struct machine *second, enum lockstep_depth depth,
                   uint32_t eip);

#endif
