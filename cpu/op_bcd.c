/* SPDX-License-Identifier: MIT */
/*
 * Decimal adjustment. The undefined flags come out as on P6 and later.
 */
#include "cpu/ops.h"

static void finish(struct cpu *cpu, uint32_t al, unsigned cf, unsigned af)
{
    *reg8_ptr(cpu, EAX) = (uint8_t)al;
    flags_result(cpu, al, 1, cf, 0, af);
}

void op_DAA(struct cpu *cpu, const struct insn *i)
{
    uint32_t al = cpu->reg[EAX] & 0xff, r = al;
    unsigned cf = flags_cf(cpu), af = flags_af(cpu);
    bool low = (al & 15) > 9 || af, high = al > 0x99 || cf;

    (void)i;
    r += (low ? 6 : 0) + (high ? 0x60 : 0);
    finish(cpu, r & 0xff, high, low);
}

void op_DAS(struct cpu *cpu, const struct insn *i)
{
    uint32_t al = cpu->reg[EAX] & 0xff, r = al;
    unsigned cf = flags_cf(cpu), af = flags_af(cpu);
    bool low = (al & 15) > 9 || af, high = al > 0x99 || cf;
    bool borrow = low && al < 6;

    (void)i;
    r -= (low ? 6u : 0) + (high ? 0x60u : 0);
    finish(cpu, r & 0xff, high || borrow, low);
}

void op_AAA(struct cpu *cpu, const struct insn *i)
{
    bool adjust = (cpu->reg[EAX] & 15) > 9 || flags_af(cpu);

    (void)i;
    if (adjust) {
        reg16_set(cpu, EAX, cpu->reg[EAX] + 0x106);
    }
    uint32_t al = cpu->reg[EAX] & 15;

    finish(cpu, al, adjust, adjust);
}

void op_AAS(struct cpu *cpu, const struct insn *i)
{
    bool adjust = (cpu->reg[EAX] & 15) > 9 || flags_af(cpu);

    (void)i;
    if (adjust) {
        reg16_set(cpu, EAX, cpu->reg[EAX] - 0x106);
    }
    uint32_t al = cpu->reg[EAX] & 15;

    finish(cpu, al, adjust, adjust);
}

void op_AAM(struct cpu *cpu, const struct insn *i)
{
    uint32_t base = i->imm & 0xff, al = cpu->reg[EAX] & 0xff;

    if (!base) {
        cpu_raise_nc(cpu, EXC_DE);
    }
    reg16_set(cpu, EAX, (al / base) << 8 | al % base);
    flags_result(cpu, al % base, 1, 0, 0, 0);
}

void op_AAD(struct cpu *cpu, const struct insn *i)
{
    uint32_t ax = cpu->reg[EAX] & 0xffff, al = (ax + (ax >> 8) * i->imm) & 0xff;

    reg16_set(cpu, EAX, al);
    flags_result(cpu, al, 1, 0, 0, 0);
}
