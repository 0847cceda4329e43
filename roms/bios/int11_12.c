/* SPDX-License-Identifier: MIT */
/*
 * INT 11h: the equipment word. INT 12h: base memory in KiB.
 */
#include "bios.h"

void handle_int11(struct regs *r)
{
    r->ax = BDA->equipment;
}

void handle_int12(struct regs *r)
{
    r->ax = BDA->mem_kb;
}
