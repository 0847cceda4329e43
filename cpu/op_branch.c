/* SPDX-License-Identifier: MIT */
/*
 * Near jumps, calls, returns, loops. A 16-bit operand size clears the upper half of EIP.
 */
#include "cpu/ops.h"

static uint32_t target(struct cpu *cpu, const struct insn *i)
{
    uint32_t eip = cpu->eip + i->imm;

    return i->opsize == 2 ? eip & 0xffff : eip;
}

static void jump_if(struct cpu *cpu, const struct insn *i, bool taken)
{
    if (taken) {
        branch_near(cpu, target(cpu, i));
    }
}

#define CONDITION(cc)                                          \
    void op_J##cc(struct cpu *cpu, const struct insn *i)       \
    {                                                          \
        jump_if(cpu, i, flags_condition(cpu, i->opcode & 15)); \
    }
CONDITIONS(CONDITION)

void op_JMP(struct cpu *cpu, const struct insn *i)
{
    branch_near(cpu, target(cpu, i));
}

void op_JMP_near(struct cpu *cpu, const struct insn *i)
{
    branch_near(cpu, opd_load(cpu, i, &i->a));
}

static void call(struct cpu *cpu, const struct insn *i, uint32_t to)
{
    if (to > cpu->seg[CS].limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    stack_push(cpu, cpu->eip, i->opsize);
    cpu->eip = to;
}

void op_CALL(struct cpu *cpu, const struct insn *i)
{
    call(cpu, i, target(cpu, i));
}

void op_CALL_near(struct cpu *cpu, const struct insn *i)
{
    call(cpu, i, opd_load(cpu, i, &i->a));
}

void op_RET(struct cpu *cpu, const struct insn *i)
{
    branch_near(cpu, stack_peek(cpu, 0, i->opsize));
    stack_adjust(cpu, (int32_t)(i->opsize + (i->a.kind == OPD_IMM ? i->imm & 0xffff : 0)));
}

/* The count register is CX or ECX by the address size. It changes only if the jump does not fault.
 */
static void loop_if(struct cpu *cpu, const struct insn *i, bool also)
{
    uint32_t count = (reg_get(cpu, ECX, i->addrsize) - 1) & size_mask(i->addrsize);

    jump_if(cpu, i, count && also);
    reg_set(cpu, ECX, i->addrsize, count);
}

void op_LOOP(struct cpu *cpu, const struct insn *i)
{
    loop_if(cpu, i, true);
}

void op_LOOPE(struct cpu *cpu, const struct insn *i)
{
    loop_if(cpu, i, flags_zf(cpu));
}

void op_LOOPNE(struct cpu *cpu, const struct insn *i)
{
    loop_if(cpu, i, !flags_zf(cpu));
}

void op_JCXZ(struct cpu *cpu, const struct insn *i)
{
    jump_if(cpu, i, !reg_get(cpu, ECX, i->addrsize));
}
