/* SPDX-License-Identifier: MIT */
/*
 * Logic, and the flag instructions that need no privilege.
 */
#include "cpu/ops.h"

void op_AND(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), r = opd_load_rmw(cpu, i, &i->a) & b;

    opd_store(cpu, i, &i->a, r);
    flags_logic(cpu, r, i->a.size);
}

void op_OR(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), r = opd_load_rmw(cpu, i, &i->a) | b;

    opd_store(cpu, i, &i->a, r);
    flags_logic(cpu, r, i->a.size);
}

void op_XOR(struct cpu *cpu, const struct insn *i)
{
    uint32_t b = opd_load(cpu, i, &i->b), r = opd_load_rmw(cpu, i, &i->a) ^ b;

    opd_store(cpu, i, &i->a, r);
    flags_logic(cpu, r, i->a.size);
}

void op_TEST(struct cpu *cpu, const struct insn *i)
{
    flags_logic(cpu, opd_load(cpu, i, &i->a) & opd_load(cpu, i, &i->b), i->a.size);
}

void op_NOT(struct cpu *cpu, const struct insn *i)
{
    opd_store(cpu, i, &i->a, ~opd_load_rmw(cpu, i, &i->a));
}

void op_CMC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    flags_set_cf(cpu, !flags_cf(cpu));
}

void op_CLC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    flags_set_cf(cpu, 0);
}

void op_STC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    flags_set_cf(cpu, 1);
}

void op_CLD(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    cpu->eflags &= ~EFLAGS_DF;
}

void op_STD(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    cpu->eflags |= EFLAGS_DF;
}

void op_SAHF(struct cpu *cpu, const struct insn *i)
{
    uint32_t of = flags_of(cpu) ? EFLAGS_OF : 0;

    (void)i;
    flags_set(cpu, (cpu->reg[EAX] >> 8 & (EFLAGS_STATUS & 0xff)) | of);
}

void op_LAHF(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    *reg8_ptr(cpu, 4) = (uint8_t)((flags_get(cpu) & 0xff) | EFLAGS_1);
}
