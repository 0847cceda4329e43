/* SPDX-License-Identifier: MIT */
/*
 * A CPU with a little memory and no machine around it: runs single instructions for the x87's
 * tests.
 */
#ifndef TESTS_UNIT_CPU_FPU_GUEST_H
#define TESTS_UNIT_CPU_FPU_GUEST_H

#include <string.h>

#include "cpu/decode.h"
#include "cpu/flags.h"

#define MEM_ADDR 0x1100u /* where ESI points */

static struct cpu *guest;
static const struct decode_table *guest_table;
static struct physmem guest_memory;
static uint8_t *guest_mem; /* what ESI points to */

static inline void guest_create(void)
{
    guest_table = decode_table_new();
    guest = xcalloc(1, sizeof(*guest));
    guest->features = ~(uint64_t)0;
    physmem_init(&guest_memory, 1 << 20);
    guest_mem = guest_memory.ram + MEM_ADDR;
    mmu_init(&guest->mmu, &guest_memory, NULL, NULL);
    mmu_set_cr0(&guest->mmu, CR0_PE | CR0_NE);
    for (unsigned s = 0; s < 6; s++) {
        guest->seg[s].read_end = guest->seg[s].write_end = (uint64_t)1 << 32;
    }
    guest->reg[ESI] = MEM_ADDR;
}

static inline void guest_one(const uint8_t *insn, unsigned len)
{
    struct insn i;

    decode_insn(guest_table, insn, len, true, guest->features, &i);
    i.off = 0;
    guest->cur = &i;
    guest->eip = guest->block_eip + len;
    i.op(guest, &i);
}

/* The same, caught: the vector that it raised, or -1. */
static inline int guest_try(const uint8_t *insn, unsigned len)
{
    if (setjmp(guest->raise_env)) {
        return guest->exc_vector;
    }
    guest_one(insn, len);
    return -1;
}

#endif
