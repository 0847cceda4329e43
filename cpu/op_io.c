/* SPDX-License-Identifier: MIT */
/*
 * IN, OUT and the I/O permission bitmap. SDM volume 1 chapter 19.
 */
#include "cpu/ops.h"
#include "cpu/segment.h"
#include "cpu/system.h"

#define TSS_IO_BASE 0x66

/* The TSS's bitmap: two bytes are always read, and both must lie inside the segment. */
static bool bitmap_allows(struct cpu *cpu, uint16_t port, unsigned size)
{
    uint32_t off;

    if (!(cpu->tr.attr & DESC_P) || !(cpu->tr.attr & 8) || cpu->tr.limit < TSS_IO_BASE + 1) {
        return false;
    }
    off = mmu_load16_sys(&cpu->mmu, cpu->tr.base + TSS_IO_BASE) + port / 8u;
    if (off + 1 > cpu->tr.limit) {
        return false;
    }
    return !(mmu_load16_sys(&cpu->mmu, cpu->tr.base + off) >> (port & 7) & ((1u << size) - 1));
}

/* I/O breakpoints need CR4.DE. */
static void check_breakpoints(struct cpu *cpu, uint16_t port, unsigned size)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned len = cpu->dr[7] >> (18 + 4 * i) & 3;
        uint32_t first;

        if (!(cpu->dr[7] >> 2 * i & 3) || (cpu->dr[7] >> (16 + 4 * i) & 3) != 2) {
            continue;
        }
        len = len == 2 ? 7 : len;
        first = cpu->dr[i] & ~len;
        if (port - first <= len || first - port < size) {
            cpu->debug_pending |= 1u << i;
        }
    }
}

void io_check(struct cpu *cpu, uint16_t port, unsigned size)
{
    if ((cpu->mmu.cr0 & CR0_PE) && (cpu_vm86(cpu) || cpu->cpl > cpu_iopl(cpu)) &&
        !bitmap_allows(cpu, port, size)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (UNLIKELY(cpu->dr[7] & 0xff) && (cpu->mmu.cr4 & CR4_DE)) {
        check_breakpoints(cpu, port, size);
    }
}

static uint16_t port_of(struct cpu *cpu, const struct insn *i, const struct operand *o)
{
    return (uint16_t)(o->kind == OPD_IMM ? i->imm & 0xff : cpu->reg[EDX]);
}

void op_IN(struct cpu *cpu, const struct insn *i)
{
    uint16_t port = port_of(cpu, i, &i->b);
    unsigned size = i->a.size;

    io_check(cpu, port, size);
    reg_set(cpu, EAX, size, cpu->bus.io_read(cpu->bus.opaque, port, size));
}

void op_OUT(struct cpu *cpu, const struct insn *i)
{
    uint16_t port = port_of(cpu, i, &i->a);
    unsigned size = i->b.size;

    io_check(cpu, port, size);
    cpu->bus.io_write(cpu->bus.opaque, port, reg_get(cpu, EAX, size), size);
}
