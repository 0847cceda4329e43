/* SPDX-License-Identifier: MIT */
/*
 * Moves, exchanges, conditional moves and sets.
 */
#include "cpu/ops.h"

void op_MOV(struct cpu *cpu, const struct insn *i)
{
    opd_store(cpu, i, &i->a, opd_load(cpu, i, &i->b));
}

void op_MOVZX(struct cpu *cpu, const struct insn *i)
{
    reg_set(cpu, i->a.reg, i->a.size, opd_load(cpu, i, &i->b));
}

void op_MOVSX(struct cpu *cpu, const struct insn *i)
{
    reg_set(cpu, i->a.reg, i->a.size, flags_sext(opd_load(cpu, i, &i->b), i->b.size));
}

void op_XCHG(struct cpu *cpu, const struct insn *i)
{
    uint32_t a = opd_load_rmw(cpu, i, &i->a), b = opd_load(cpu, i, &i->b);

    opd_store(cpu, i, &i->a, b);
    opd_store(cpu, i, &i->b, a);
}

void op_LEA(struct cpu *cpu, const struct insn *i)
{
    reg_set(cpu, i->a.reg, i->a.size, insn_ea(cpu, i));
}

void op_XLAT(struct cpu *cpu, const struct insn *i)
{
    uint32_t off = (cpu->reg[EBX] + (cpu->reg[EAX] & 0xff)) & insn_addr_mask(i);

    *reg8_ptr(cpu, EAX) = mem_load8(cpu, i->seg, off);
}

/* Undocumented until the P6: AL = CF ? FFh : 0. */
void op_SALC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    *reg8_ptr(cpu, EAX) = flags_cf(cpu) ? 0xff : 0;
}

void op_NOP(struct cpu *cpu, const struct insn *i)
{
    (void)cpu;
    (void)i;
}

/* The source is read, and may fault, whatever the condition says. */
static void cmov(struct cpu *cpu, const struct insn *i)
{
    uint32_t v = opd_load(cpu, i, &i->b);

    if (flags_condition(cpu, i->opcode & 15)) {
        reg_set(cpu, i->a.reg, i->a.size, v);
    }
}

static void setcc(struct cpu *cpu, const struct insn *i)
{
    opd_store(cpu, i, &i->a, flags_condition(cpu, i->opcode & 15));
}

#define CONDITION(cc)                                       \
    void op_CMOV##cc(struct cpu *cpu, const struct insn *i) \
    {                                                       \
        cmov(cpu, i);                                       \
    }                                                       \
    void op_SET##cc(struct cpu *cpu, const struct insn *i)  \
    {                                                       \
        setcc(cpu, i);                                      \
    }
CONDITIONS(CONDITION)
