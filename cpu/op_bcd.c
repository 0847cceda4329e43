/* SPDX-License-Identifier: MIT */
/*
 * Decimal adjustment. The undefined flags come out as on AMD's CPUs.
 */
#include "cpu/ops.h"

static bool low_digit_too_big(const struct cpu *cpu)
{
    return (cpu->reg[EAX] & 15) > 9 || flags_af(cpu);
}

/* AL becomes r by adding or subtracting something: OF is the overflow of that. */
static void decimal_finish(struct cpu *cpu, uint32_t al, uint32_t r, bool added, unsigned cf,
                           unsigned af)
{
    uint32_t by = added ? r - al : al - r;
    uint32_t of = added ? (r ^ al) & (r ^ by) : (al ^ by) & (al ^ r);

    *reg8_ptr(cpu, EAX) = (uint8_t)r;
    flags_result(cpu, r, 1, cf, of >> 7 & 1, af);
}

void op_DAA(struct cpu *cpu, const struct insn *i)
{
    uint32_t al = cpu->reg[EAX] & 0xff;
    bool low = low_digit_too_big(cpu), high = al > 0x99 || flags_cf(cpu);

    (void)i;
    decimal_finish(cpu, al, al + (low ? 6 : 0) + (high ? 0x60 : 0), true, high, low);
}

void op_DAS(struct cpu *cpu, const struct insn *i)
{
    uint32_t al = cpu->reg[EAX] & 0xff;
    bool low = low_digit_too_big(cpu), high = al > 0x99 || flags_cf(cpu);
    bool borrow = low && al < 6;

    (void)i;
    decimal_finish(cpu, al, al - (low ? 6u : 0) - (high ? 0x60u : 0), false, high || borrow, low);
}

/* SF, ZF, PF and OF are those of the addition to (subtraction from) AX before AL loses its upper
 * digit. */
static void ascii_finish(struct cpu *cpu, uint32_t r, unsigned of, unsigned adjust)
{
    reg16_set(cpu, EAX, r & 0xff0f);
    flags_result(cpu, r, 2, adjust, of, adjust);
}

void op_AAA(struct cpu *cpu, const struct insn *i)
{
    bool adjust = low_digit_too_big(cpu);
    uint32_t ax = cpu->reg[EAX] & 0xffff, by = adjust ? 0x106 : 0, r = (ax + by) & 0xffff;

    (void)i;
    ascii_finish(cpu, r, ((r ^ ax) & (r ^ by)) >> 15 & 1, adjust);
}

void op_AAS(struct cpu *cpu, const struct insn *i)
{
    bool adjust = low_digit_too_big(cpu);
    uint32_t ax = cpu->reg[EAX] & 0xffff, by = adjust ? 0x106 : 0, r = (ax - by) & 0xffff;

    (void)i;
    ascii_finish(cpu, r, ((ax ^ by) & (ax ^ r)) >> 15 & 1, adjust);
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
    uint32_t al = cpu->reg[EAX] & 0xff, by = (cpu->reg[EAX] >> 8 & 0xff) * i->imm, r = al + by;

    reg16_set(cpu, EAX, r & 0xff);
    flags_add(cpu, al, by, r, 1);
}
