/* SPDX-License-Identifier: MIT */
/*
 * An MMU and its memory without a CPU: what a fault says is kept, and a statement can be asked for
 * it.
 */
#ifndef TESTS_UNIT_MMU_RIG_H
#define TESTS_UNIT_MMU_RIG_H

#include <setjmp.h>

#include "mmu/mmu.h"

static struct physmem pm;
static struct mmu u;
static jmp_buf env;
static linear_addr_t fault_addr;
static uint32_t fault_code;

static void on_fault(void *opaque, linear_addr_t addr, uint32_t code)
{
    (void)opaque;
    fault_addr = addr;
    fault_code = code;
    longjmp(env, 1);
}

/* Runs the statement; true if it faulted with that code at that address. */
#define FAULTS(statement, addr, code) \
    (setjmp(env) ? fault_addr == (addr) && fault_code == (code) : ((statement), false))

static void memory_changed(void *opaque, bool contents)
{
    mmu_memory_changed(opaque, contents);
}

static void trace_changed(void *opaque, phys_addr_t page)
{
    mmu_trace_changed(opaque, page);
}

static void put(phys_addr_t a, uint32_t v)
{
    physmem_store(&pm, a, v, 4);
}

static uint32_t get(phys_addr_t a)
{
    return physmem_load(&pm, a, 4);
}

#endif
