/* SPDX-License-Identifier: MIT */
/*
 * Out-of-line operand helpers of the general handlers.
 */
#include "cpu/ops.h"

uint32_t opd_load(struct cpu *cpu, const struct insn *i, const struct operand *o)
{
    switch (o->kind) {
    case OPD_REG: return reg_get(cpu, o->reg, o->size);
    case OPD_MEM: return mem_load(cpu, i->seg, insn_ea(cpu, i), o->size);
    default: return i->imm & size_mask(o->size);
    }
}

uint32_t opd_load_rmw(struct cpu *cpu, const struct insn *i, const struct operand *o)
{
    if (o->kind == OPD_MEM) {
        mem_check_write(cpu, i->seg, insn_ea(cpu, i), o->size);
    }
    return opd_load(cpu, i, o);
}

void opd_store(struct cpu *cpu, const struct insn *i, const struct operand *o, uint32_t v)
{
    if (o->kind == OPD_MEM) {
        mem_store(cpu, i->seg, insn_ea(cpu, i), o->size, v);
    } else {
        reg_set(cpu, o->reg, o->size, v);
    }
}

void branch_near(struct cpu *cpu, uint32_t eip)
{
    if (eip > cpu->seg[CS].limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu->eip = eip;
}
