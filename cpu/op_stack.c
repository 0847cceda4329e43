/* SPDX-License-Identifier: MIT */
/*
 * PUSH, POP, PUSHA, POPA, ENTER, LEAVE. Everything that can fault is looked at before ESP moves.
 */
#include "cpu/ops.h"

void op_PUSH(struct cpu *cpu, const struct insn *i)
{
    stack_push(cpu, opd_load(cpu, i, &i->a), i->opsize);
}

void op_POP(struct cpu *cpu, const struct insn *i)
{
    uint32_t v = stack_peek(cpu, 0, i->opsize), old = cpu->reg[ESP];

    if (i->a.kind == OPD_REG) {
        stack_adjust(cpu, i->opsize);
        reg_set(cpu, i->a.reg, i->opsize, v);
        return;
    }
    /* An address based on ESP uses its value after the pop. */
    stack_adjust(cpu, i->opsize);
    uint32_t off = insn_ea(cpu, i), popped = cpu->reg[ESP];

    cpu->reg[ESP] = old; /* in case the store faults */
    mem_store(cpu, i->seg, off, i->opsize, v);
    cpu->reg[ESP] = popped;
}

void op_PUSHA(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t mask = stack_mask(cpu), esp = cpu->reg[ESP];

    /* As real CPUs do, what was stored before a fault stays: it lies below ESP. */
    for (unsigned r = 0; r < 8; r++) {
        mem_store(cpu, SS, (esp - (r + 1) * size) & mask, size, r == ESP ? esp : cpu->reg[r]);
    }
    stack_adjust(cpu, -8 * (int32_t)size);
}

void op_POPA(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t v[8];

    for (unsigned k = 0; k < 8; k++) {
        v[7 - k] = stack_peek(cpu, k * size, size);
    }
    stack_adjust(cpu, 8 * (int32_t)size);
    for (unsigned r = 0; r < 8; r++) {
        if (r != ESP) {
            reg_set(cpu, r, size, v[r]);
        }
    }
}

void op_ENTER(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->opsize, level = i->imm2 & 31;
    uint32_t mask = stack_mask(cpu), esp = cpu->reg[ESP], frame;

    /* Item by item: what was stored before a fault stays, below ESP. */
    frame = esp - size;
    esp = frame;
    mem_store(cpu, SS, esp & mask, size, cpu->reg[EBP]);
    for (unsigned k = 1; k < level; k++) {
        uint32_t link = mem_load(cpu, SS, (cpu->reg[EBP] - k * size) & mask, size);

        mem_store(cpu, SS, (esp - k * size) & mask, size, link);
    }
    if (level) {
        mem_store(cpu, SS, (esp - level * size) & mask, size, frame);
    }

    uint32_t end = esp - level * size - (i->imm & 0xffff);

    mem_check_write(cpu, SS, end & mask, size); /* the manual: a write there must be possible */
    /* EBP follows the operand size, ESP the stack's. */
    reg_set(cpu, EBP, size, frame);
    cpu->reg[ESP] = (cpu->reg[ESP] & ~mask) | (end & mask);
}

void op_LEAVE(struct cpu *cpu, const struct insn *i)
{
    uint32_t mask = stack_mask(cpu), bp = cpu->reg[EBP] & mask;
    uint32_t v = mem_load(cpu, SS, bp, i->opsize);

    cpu->reg[ESP] = (cpu->reg[ESP] & ~mask) | ((bp + i->opsize) & mask);
    reg_set(cpu, EBP, i->opsize, v);
}
