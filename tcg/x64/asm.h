/* SPDX-License-Identifier: MIT */
/*
 * Encoders of x86-64 instructions: one function per form, nothing about the guest.
 * Intel SDM volume 2, chapter 2.
 */
#ifndef TCG_X64_ASM_H
#define TCG_X64_ASM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum x64_reg {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    AH = 20,
    CH,
    DH,
    BH, /* byte registers that exclude a REX prefix */
    NOREG = 255
};

/* Group 1: the opcode's bits 3-5, or ModRM.reg of 80/81/83. */
enum x64_alu { X64_ADD, X64_OR, X64_ADC, X64_SBB, X64_AND, X64_SUB, X64_XOR, X64_CMP };
/* Group 2: ModRM.reg of C0/C1/D0-D3. */
enum x64_shift { X64_ROL, X64_ROR, X64_RCL, X64_RCR, X64_SHL, X64_SHR, X64_SAR = 7 };
/* Group 3: ModRM.reg of F6/F7. */
enum x64_unary { X64_NOT = 2, X64_NEG, X64_MUL, X64_IMUL, X64_DIV, X64_IDIV };
enum x64_cc { X64_O, X64_NO, X64_B, X64_AE, X64_Z, X64_NZ, X64_BE, X64_A, X64_S, X64_NS };

/* [base + index * 2^scale + disp]; index NOREG: none */
struct x64_mem {
    uint8_t base, index, scale;
    int32_t disp;
};

/* Code is written at p; it will run at p + to_run. */
struct x64_asm {
    uint8_t *p, *end;
    ptrdiff_t to_run;
};

static inline void x64_8(struct x64_asm *a, unsigned v)
{
    *a->p++ = (uint8_t)v;
}

static inline void x64_32(struct x64_asm *a, uint32_t v)
{
    memcpy(a->p, &v, 4);
    a->p += 4;
}

static inline void x64_64(struct x64_asm *a, uint64_t v)
{
    memcpy(a->p, &v, 8);
    a->p += 8;
}

static inline uint8_t *x64_here(const struct x64_asm *a) /* as an address to run at */
{
    return a->p + a->to_run;
}

static inline struct x64_mem x64_at(unsigned base, int32_t disp)
{
    return (struct x64_mem){(uint8_t)base, NOREG, 0, disp};
}

static inline bool x64_high(unsigned r)
{
    return r >= AH && r <= BH;
}

/* ModRM.reg or rm bits of a register. */
static inline unsigned x64_low(unsigned r)
{
    return x64_high(r) ? r - AH + 4 : r & 7;
}

static inline unsigned x64_ext(unsigned r)
{
    return r != NOREG && !x64_high(r) ? r >> 3 & 1 : 0;
}

/* Opcodes: 0x0fXX and 0x0f38XX have their escape bytes; 0x66, 0xf2, 0xf3 << 24 are prefixes. */
static inline void x64_opcode(struct x64_asm *a, uint32_t op)
{
    if (op >> 8 & 0xffff) {
        x64_8(a, 0x0f);
        if ((op >> 8 & 0xff) != 0x0f) {
            x64_8(a, op >> 8);
        }
    }
    x64_8(a, op);
}

static inline void x64_prefix(struct x64_asm *a, uint32_t op, unsigned size, unsigned rex,
                              bool force)
{
    if (op >> 24) {
        x64_8(a, op >> 24);
    } else if (size == 2) {
        x64_8(a, 0x66);
    }
    rex |= size == 8 ? 8 : 0;
    if (rex || force) {
        x64_8(a, 0x40 | rex);
    }
}

/* op reg, rm (registers). size 1 makes SPL..DIL need a REX prefix. */
static inline void x64_rr(struct x64_asm *a, uint32_t op, unsigned size, unsigned reg, unsigned rm)
{
    bool force = size == 1 && ((reg >= 4 && reg < 8) || (rm >= 4 && rm < 8));

    x64_prefix(a, op, size, x64_ext(reg) << 2 | x64_ext(rm), force);
    x64_opcode(a, op);
    x64_8(a, 0xc0 | x64_low(reg) << 3 | x64_low(rm));
}

static inline void x64_modrm_mem(struct x64_asm *a, unsigned reg, struct x64_mem m)
{
    unsigned base = m.base & 7, mod = 2;

    if (m.base == NOREG) { /* index and displacement only */
        x64_8(a, reg << 3 | 4);
        x64_8(a, (unsigned)m.scale << 6 | (m.index & 7u) << 3 | 5);
        x64_32(a, (uint32_t)m.disp);
        return;
    }
    if (!m.disp && base != 5) {
        mod = 0;
    } else if (m.disp >= -128 && m.disp < 128) {
        mod = 1;
    }
    if (m.index != NOREG || base == 4) {
        unsigned index = m.index == NOREG ? 4 : m.index & 7;

        x64_8(a, mod << 6 | reg << 3 | 4);
        x64_8(a, (unsigned)m.scale << 6 | index << 3 | base);
    } else {
        x64_8(a, mod << 6 | reg << 3 | base);
    }
    if (mod == 1) {
        x64_8(a, (uint32_t)m.disp);
    } else if (mod == 2) {
        x64_32(a, (uint32_t)m.disp);
    }
}

/* op reg, [mem] (or op [mem], reg). reg may be an opcode extension. */
static inline void x64_rm(struct x64_asm *a, uint32_t op, unsigned size, unsigned reg,
                          struct x64_mem m)
{
    bool force = size == 1 && reg >= 4 && reg < 8;

    x64_prefix(a, op, size, x64_ext(reg) << 2 | x64_ext(m.index) << 1 | x64_ext(m.base), force);
    x64_opcode(a, op);
    x64_modrm_mem(a, x64_low(reg), m);
}

/* The same where ModRM.reg extends the opcode: no REX for its sake. */
static inline void x64_xm(struct x64_asm *a, uint32_t op, unsigned size, unsigned ext,
                          struct x64_mem m)
{
    x64_prefix(a, op, size, x64_ext(m.index) << 1 | x64_ext(m.base), false);
    x64_opcode(a, op);
    x64_modrm_mem(a, ext, m);
}

static inline void x64_xr(struct x64_asm *a, uint32_t op, unsigned size, unsigned ext, unsigned rm)
{
    x64_prefix(a, op, size, x64_ext(rm), size == 1 && rm >= 4 && rm < 8);
    x64_opcode(a, op);
    x64_8(a, 0xc0 | ext << 3 | x64_low(rm));
}

static inline void x64_mov_rr(struct x64_asm *a, unsigned size, unsigned d, unsigned s)
{
    x64_rr(a, size == 1 ? 0x8a : 0x8b, size, d, s);
}

static inline void x64_load(struct x64_asm *a, unsigned size, unsigned d, struct x64_mem m)
{
    x64_rm(a, size == 1 ? 0x8a : 0x8b, size, d, m);
}

static inline void x64_store(struct x64_asm *a, unsigned size, struct x64_mem m, unsigned s)
{
    x64_rm(a, size == 1 ? 0x88 : 0x89, size, s, m);
}

static inline void x64_imm(struct x64_asm *a, unsigned size, uint32_t v)
{
    if (size == 1) {
        x64_8(a, v);
    } else if (size == 2) {
        x64_8(a, v);
        x64_8(a, v >> 8);
    } else {
        x64_32(a, v);
    }
}

static inline void x64_store_imm(struct x64_asm *a, unsigned size, struct x64_mem m, uint32_t v)
{
    x64_xm(a, size == 1 ? 0xc6 : 0xc7, size, 0, m);
    x64_imm(a, size, v);
}

/* size 4 clears the upper half; size 8 takes v sign-extended. */
static inline void x64_mov_imm(struct x64_asm *a, unsigned size, unsigned d, uint32_t v)
{
    if (size == 4) {
        x64_prefix(a, 0, 4, x64_ext(d), false);
        x64_8(a, 0xb8 | x64_low(d));
        x64_32(a, v);
    } else if (size == 1) {
        x64_prefix(a, 0, 1, x64_ext(d), d >= 4 && d < 8);
        x64_8(a, 0xb0 | x64_low(d));
        x64_8(a, v);
    } else {
        x64_xr(a, 0xc7, size, 0, d);
        x64_imm(a, size, v);
    }
}

static inline void x64_mov_imm64(struct x64_asm *a, unsigned d, uint64_t v)
{
    if (v <= 0xffffffffu) {
        x64_mov_imm(a, 4, d, (uint32_t)v);
        return;
    }
    x64_8(a, 0x48 | x64_ext(d));
    x64_8(a, 0xb8 | x64_low(d));
    x64_64(a, v);
}

static inline unsigned x64_alu_imm_op(unsigned size, uint32_t v)
{
    int32_t s = size == 2 ? (int16_t)v : (int32_t)v;

    return size == 1 ? 0x80 : s >= -128 && s < 128 ? 0x83 : 0x81;
}

static inline void x64_alu_ri(struct x64_asm *a, enum x64_alu op, unsigned size, unsigned d,
                              uint32_t v)
{
    unsigned code = x64_alu_imm_op(size, v);

    x64_xr(a, code, size, op, d);
    x64_imm(a, code == 0x81 ? size : 1, v);
}

static inline void x64_alu_mi(struct x64_asm *a, enum x64_alu op, unsigned size, struct x64_mem m,
                              uint32_t v)
{
    unsigned code = x64_alu_imm_op(size, v);

    x64_xm(a, code, size, op, m);
    x64_imm(a, code == 0x81 ? size : 1, v);
}

/* d op= s */
static inline void x64_alu_rr(struct x64_asm *a, enum x64_alu op, unsigned size, unsigned d,
                              unsigned s)
{
    x64_rr(a, op << 3 | (size == 1 ? 2 : 3), size, d, s);
}

static inline void x64_alu_rm(struct x64_asm *a, enum x64_alu op, unsigned size, unsigned d,
                              struct x64_mem m)
{
    x64_rm(a, op << 3 | (size == 1 ? 2 : 3), size, d, m);
}

static inline void x64_alu_mr(struct x64_asm *a, enum x64_alu op, unsigned size, struct x64_mem m,
                              unsigned s)
{
    x64_rm(a, op << 3 | (size == 1 ? 0 : 1), size, s, m);
}

static inline void x64_lea(struct x64_asm *a, unsigned size, unsigned d, struct x64_mem m)
{
    x64_rm(a, 0x8d, size, d, m);
}

/* RORX d, s, n: no flags (BMI2). 32 bits. */
static inline void x64_rorx(struct x64_asm *a, unsigned d, unsigned s, unsigned n)
{
    x64_8(a, 0xc4);
    x64_8(a, (x64_ext(d) ? 0 : 0x80) | 0x40 | (x64_ext(s) ? 0 : 0x20) | 3);
    x64_8(a, 0x7b);
    x64_8(a, 0xf0);
    x64_8(a, 0xc0 | x64_low(d) << 3 | x64_low(s));
    x64_8(a, n);
}

static inline void x64_rel32(struct x64_asm *a, const uint8_t *target)
{
    x64_32(a, (uint32_t)(target - (x64_here(a) + 4)));
}

static inline void x64_jmp(struct x64_asm *a, const uint8_t *target)
{
    x64_8(a, 0xe9);
    x64_rel32(a, target);
}

static inline void x64_call(struct x64_asm *a, const uint8_t *target)
{
    x64_8(a, 0xe8);
    x64_rel32(a, target);
}

static inline void x64_jcc(struct x64_asm *a, unsigned cc, const uint8_t *target)
{
    x64_8(a, 0x0f);
    x64_8(a, 0x80 | cc);
    x64_rel32(a, target);
}

/* Forward jumps: returns where the displacement is, for x64_land(). */
static inline uint8_t *x64_jcc_forward(struct x64_asm *a, unsigned cc)
{
    x64_8(a, 0x0f);
    x64_8(a, 0x80 | cc);
    x64_32(a, 0);
    return a->p - 4;
}

static inline uint8_t *x64_jmp_forward(struct x64_asm *a)
{
    x64_8(a, 0xe9);
    x64_32(a, 0);
    return a->p - 4;
}

static inline void x64_land_at(uint8_t *at, const uint8_t *target)
{
    uint32_t d = (uint32_t)(target - (at + 4));

    memcpy(at, &d, 4);
}

static inline void x64_land(struct x64_asm *a, uint8_t *at)
{
    x64_land_at(at, a->p);
}

/* lea d, [rip + x] */
static inline void x64_lea_rip(struct x64_asm *a, unsigned d, const void *target)
{
    x64_8(a, 0x48 | x64_ext(d) << 2);
    x64_8(a, 0x8d);
    x64_8(a, x64_low(d) << 3 | 5);
    x64_rel32(a, target);
}

static inline void x64_push(struct x64_asm *a, unsigned r)
{
    if (r > 7) {
        x64_8(a, 0x41);
    }
    x64_8(a, 0x50 | (r & 7));
}

static inline void x64_pop(struct x64_asm *a, unsigned r)
{
    if (r > 7) {
        x64_8(a, 0x41);
    }
    x64_8(a, 0x58 | (r & 7));
}

#endif
