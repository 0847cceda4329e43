/* SPDX-License-Identifier: MIT */
/*
 * Operand helpers for the general handlers, so that one body serves Eb,Gb / Gv,Ev / AL,Ib.
 * Also declares every op_NAME of insns.def.
 */
#ifndef CPU_OPS_H
#define CPU_OPS_H

#include "cpu/decode.h"
#include "cpu/flags.h"

#define INSN(opcode, ext, name, a, b, c, flags, attr) \
    void op_##name(struct cpu *cpu, const struct insn *i);
#include "cpu/insns.def"
#undef INSN
void op_UD(struct cpu *cpu, const struct insn *i);
void op_ESC(struct cpu *cpu, const struct insn *i); /* x87 instructions where there is no x87 */

static inline uint32_t insn_ea(const struct cpu *cpu, const struct insn *i)
{
    return (cpu->reg[i->base] + (cpu->reg[i->index] << i->scale) + i->disp) & insn_addr_mask(i);
}

/* The byte registers lie inside the 32-bit ones. */
static inline uint8_t *reg8_ptr(struct cpu *cpu, unsigned r)
{
    uint8_t *p = (uint8_t *)&cpu->reg[r & 3];
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return p + 3 - (r >> 2 & 1);
#else
    return p + (r >> 2 & 1);
#endif
}

static inline void reg16_set(struct cpu *cpu, unsigned r, uint32_t v)
{
    cpu->reg[r] = (cpu->reg[r] & 0xffff0000u) | (v & 0xffff);
}

static inline uint32_t reg_get(struct cpu *cpu, unsigned r, unsigned size)
{
    return size == 4 ? cpu->reg[r] : size == 2 ? cpu->reg[r] & 0xffff : *reg8_ptr(cpu, r);
}

static inline void reg_set(struct cpu *cpu, unsigned r, unsigned size, uint32_t v)
{
    if (size == 4) {
        cpu->reg[r] = v;
    } else if (size == 2) {
        reg16_set(cpu, r, v);
    } else {
        *reg8_ptr(cpu, r) = (uint8_t)v;
    }
}

static inline uint32_t size_mask(unsigned size)
{
    return ~0u >> (32 - 8 * size);
}

static inline uint32_t mem_load(struct cpu *cpu, unsigned s, uint32_t off, unsigned size)
{
    return size == 4   ? mem_load32(cpu, s, off)
           : size == 2 ? mem_load16(cpu, s, off)
                       : mem_load8(cpu, s, off);
}

static inline void mem_store(struct cpu *cpu, unsigned s, uint32_t off, unsigned size, uint32_t v)
{
    if (size == 4) {
        mem_store32(cpu, s, off, v);
    } else if (size == 2) {
        mem_store16(cpu, s, off, (uint16_t)v);
    } else {
        mem_store8(cpu, s, off, (uint8_t)v);
    }
}

/* Register, memory or immediate, zero-extended. */
uint32_t opd_load(struct cpu *cpu, const struct insn *i, const struct operand *o);
/* The same for a destination that is also read: a fault says "write". */
uint32_t opd_load_rmw(struct cpu *cpu, const struct insn *i, const struct operand *o);
void opd_store(struct cpu *cpu, const struct insn *i, const struct operand *o, uint32_t v);

/* Sign of a value of that size. */
static inline unsigned sign_bit(uint32_t v, unsigned size)
{
    return v >> (8 * size - 1) & 1;
}

/*
 * The stack, at SS's size (16 or 32 bits of ESP). stack_peek() reads the item at ESP + depth bytes
 * without moving it; handlers peek and check first, then stack_adjust().
 */
static inline uint32_t stack_mask(const struct cpu *cpu)
{
    return cpu->seg[SS].attr & DESC_DB ? 0xffffffffu : 0xffffu;
}

static inline void stack_adjust(struct cpu *cpu, int32_t by)
{
    uint32_t mask = stack_mask(cpu);

    cpu->reg[ESP] = (cpu->reg[ESP] & ~mask) | ((cpu->reg[ESP] + (uint32_t)by) & mask);
}

static inline uint32_t stack_peek(struct cpu *cpu, uint32_t depth, unsigned size)
{
    return mem_load(cpu, SS, (cpu->reg[ESP] + depth) & stack_mask(cpu), size);
}

/* Stores v below the top, then moves ESP: nothing changes if the store faults. */
static inline void stack_push(struct cpu *cpu, uint32_t v, unsigned size)
{
    uint32_t mask = stack_mask(cpu);
    uint32_t sp = (cpu->reg[ESP] - size) & mask;

    mem_store(cpu, SS, sp, size, v);
    cpu->reg[ESP] = (cpu->reg[ESP] & ~mask) | sp;
}

/* #GP(0) if eip lies beyond the CS limit; otherwise the jump is done. */
void branch_near(struct cpu *cpu, uint32_t eip);

/* I/O permission (op_io.c): #GP(0) unless IOPL or the TSS bitmap allow it. */
void io_check(struct cpu *cpu, uint16_t port, unsigned size);

/* Run-loop services for handlers that change what blocks were decoded for. */
void interp_loaded(struct cpu *cpu);     /* icount is another one */
void interp_flush_code(struct cpu *cpu); /* drop every decoded block */
/* STI, MOV SS, POP SS: for one instruction. */
void interp_inhibit_interrupts(struct cpu *cpu, enum int_shadow kind);

#endif
