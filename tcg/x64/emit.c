/* SPDX-License-Identifier: MIT */
/*
 * IR to x86-64: one function for each kind of operation. First the hot path in order, then the cold
 * pieces that it jumps to (cold.c).
 */
#include <assert.h>

#include "tcg/layout.h"
#include "tcg/x64/cold.h"
#include "tcg/x64/emit.h"

/* ---- operands ---- */

static unsigned temp_reg(struct emit *e, unsigned t)
{
    return e->temp[t] == NOREG ? R8 : e->temp[t]; /* NOREG: e->full, the code will not run */
}

/* A register or temporary; byte registers as the host has them. */
unsigned emit_host_reg(struct emit *e, struct ir_opd x, unsigned size)
{
    if (x.kind == IRK_TMP) {
        return temp_reg(e, x.reg);
    }
    if (size == 1 && x.reg >= 4) {
        return AH + x.reg - 4;
    }
    return x64_guest[x.reg & 7];
}

struct x64_mem emit_host_mem(struct emit *e, struct ir_opd m)
{
    if (e->temp[m.reg] == REG_SHARED && e->sharing) {
        return (struct x64_mem){REG_SHARED, x64_guest[e->shared[m.reg].base], 0,
                                e->shared[m.reg].disp + m.imm};
    }

    unsigned lin = m.lin_kind == IRK_TMP ? temp_reg(e, m.lin) : x64_guest[m.lin & 7];

    return (struct x64_mem){(uint8_t)temp_reg(e, m.reg), (uint8_t)lin, 0, m.imm};
}

static struct x64_mem cpu_at(int32_t offset)
{
    return x64_at(REG_CPU, offset);
}

static void free_dying(struct emit *e, struct ir_opd x)
{
    if (x.kind == IRK_MEM && x.lin_kind == IRK_TMP) {
        free_dying(e, ir_tmp(x.lin));
    }
    if ((x.kind != IRK_TMP && x.kind != IRK_MEM) || e->last[x.reg] > e->at) {
        return;
    }
    for (unsigned k = 0; k < 3; k++) {
        if (x64_temp[k] == e->temp[x.reg]) {
            e->busy &= ~(1u << k);
        }
    }
}

static unsigned new_temp(struct emit *e, unsigned t)
{
    for (unsigned k = 0; k < 3; k++) {
        if (!(e->busy >> k & 1) && !(e->sharing && x64_temp[k] == REG_SHARED)) {
            if (e->last[t] > e->at) {
                e->busy |= 1u << k;
            }
            return e->temp[t] = x64_temp[k];
        }
    }
    e->full = true;
    return e->temp[t] = R8;
}

/* The register that d is computed in: a new temporary if it is one and not read too. */
static unsigned dest_reg(struct emit *e, const struct ir_insn *i, unsigned size)
{
    if (i->d.kind == IRK_TMP && !(ir_info[i->op].effects & IRE_RMW)) {
        return new_temp(e, i->d.reg);
    }
    return emit_host_reg(e, i->d, size);
}

/* ---- byte registers AH..BH ---- */

/*
 * They cannot stand beside a REX prefix, which temporaries and memory need. To write one, its
 * register is rotated so that it lies in the low byte, and back; no flag changes.
 */
struct turned {
    unsigned reg; /* NOREG: not turned */
};

static struct turned turn(struct emit *e, unsigned *d)
{
    struct turned t = {NOREG};

    if (x64_high(*d)) {
        t.reg = *d - AH;
        x64_rorx(&e->a, t.reg, t.reg, 8);
        *d = t.reg;
    }
    return t;
}

static void turn_back(struct emit *e, struct turned t)
{
    if (t.reg != NOREG) {
        x64_rorx(&e->a, t.reg, t.reg, 24);
    }
}

static bool needs_rex(unsigned r)
{
    return r >= 8 && !x64_high(r);
}

/* A byte source without the restriction: in the scratch register if need be. */
static unsigned low_byte(struct emit *e, unsigned r)
{
    if (x64_high(r)) {
        x64_rorx(&e->a, REG_SCRATCH, r - AH, 8);
        return REG_SCRATCH;
    }
    return r;
}

/* If the address uses the register that is turned, take it before. */
static struct x64_mem safe_mem(struct emit *e, struct x64_mem m, unsigned d)
{
    if (x64_high(d) && m.index == d - AH) {
        x64_lea(&e->a, 8, REG_SCRATCH, m);
        return x64_at(REG_SCRATCH, 0);
    }
    return m;
}

/* ---- moves ---- */

static void emit_mov_to_reg(struct emit *e, unsigned size, unsigned d, struct ir_opd s)
{
    struct x64_asm *a = &e->a;
    struct turned t;
    struct x64_mem m;
    unsigned r;

    switch (s.kind) {
    case IRK_IMM: x64_mov_imm(a, size, d, (uint32_t)s.imm); break;
    case IRK_MEM:
        m = safe_mem(e, emit_host_mem(e, s), d);
        t = turn(e, &d);
        x64_load(a, size, d, m);
        turn_back(e, t);
        break;
    default:
        r = emit_host_reg(e, s, size);
        if (size == 1 && x64_high(r) && needs_rex(d)) {
            x64_rorx(a, d, r - AH, 8);
            break;
        }
        if (size == 1 && x64_high(d) && needs_rex(r)) {
            t = turn(e, &d);
            x64_mov_rr(a, 1, d, r);
            turn_back(e, t);
            break;
        }
        if (d != r) {
            x64_mov_rr(a, size, d, r);
        }
        break;
    }
}

static void emit_mov_to_mem(struct emit *e, unsigned size, struct x64_mem m, struct ir_opd s)
{
    if (s.kind == IRK_IMM) {
        x64_store_imm(&e->a, size, m, (uint32_t)s.imm);
    } else {
        unsigned r = emit_host_reg(e, s, size);

        x64_store(&e->a, size, m, size == 1 ? low_byte(e, r) : r);
    }
}

/* A fresh temporary has no old bytes to keep: loads may extend, copies may be wide. */
static void emit_mov_to_temp(struct emit *e, unsigned size, unsigned d, struct ir_opd s)
{
    if (s.kind == IRK_MEM && size < 4) {
        x64_rm(&e->a, size == 1 ? 0x0fb6 : 0x0fb7, 4, d, emit_host_mem(e, s));
    } else if (s.kind == IRK_IMM) {
        x64_mov_imm(&e->a, 4, d, (uint32_t)s.imm);
    } else if (size == 1 && s.kind == IRK_REG && s.reg >= 4) {
        x64_rorx(&e->a, d, x64_guest[s.reg & 3], 8);
    } else {
        emit_mov_to_reg(e, size < 4 && s.kind != IRK_MEM ? 4 : size, d, s);
    }
}

static void emit_MOV(struct emit *e, const struct ir_insn *i)
{
    if (i->d.kind == IRK_MEM) {
        emit_mov_to_mem(e, i->size, emit_host_mem(e, i->d), i->a);
        free_dying(e, i->d);
        free_dying(e, i->a);
        return;
    }
    free_dying(e, i->a);
    if (i->d.kind == IRK_TMP) {
        emit_mov_to_temp(e, i->size, new_temp(e, i->d.reg), i->a);
    } else {
        emit_mov_to_reg(e, i->size, emit_host_reg(e, i->d, i->size), i->a);
    }
}

static void emit_extend(struct emit *e, const struct ir_insn *i)
{
    bool sign = i->op == IR_MOVSX;
    uint32_t op = (sign ? 0x0fbe : 0x0fb6) | (i->size == 2);
    unsigned s = 0;

    free_dying(e, i->a);

    unsigned d = dest_reg(e, i, i->aux);

    if (i->a.kind == IRK_MEM) {
        if (i->size == 4) {
            x64_load(&e->a, 4, d, emit_host_mem(e, i->a));
        } else {
            x64_rm(&e->a, op, i->aux, d, emit_host_mem(e, i->a));
        }
        return;
    }
    s = emit_host_reg(e, i->a, i->size);
    if (i->size == 4) {
        x64_mov_rr(&e->a, 4, d, s);
        return;
    }
    if (i->size == 1 && x64_high(s) && (d >= 8 || i->aux == 8)) {
        s = low_byte(e, s);
    }
    x64_rr(&e->a, op, i->aux, d, s);
}

static void emit_LEA(struct emit *e, const struct ir_insn *i)
{
    if (i->shared && e->sharing) {
        return; /* of a shared look-up: its accesses have it in their own addressing */
    }

    struct x64_mem m = {NOREG, NOREG, i->aux, (int32_t)i->imm};
    struct x64_asm *a = &e->a;

    m.base = (uint8_t)(i->a.kind == IRK_NONE ? NOREG : emit_host_reg(e, i->a, 4));
    m.index = (uint8_t)(i->b.kind == IRK_NONE ? NOREG : emit_host_reg(e, i->b, 4));
    free_dying(e, i->a);
    free_dying(e, i->b);

    unsigned d = dest_reg(e, i, 4), to = i->size == 4 ? d : REG_SCRATCH;

    if (m.base == NOREG && !m.scale) {
        m.base = m.index;
        m.index = NOREG;
    }
    x64_lea(a, 4, to, m);
    if (i->size == 2) {
        if (i->d.kind == IRK_TMP) {
            x64_rr(a, 0x0fb7, 4, d, REG_SCRATCH);
        } else {
            x64_mov_rr(a, 2, d, REG_SCRATCH);
        }
    }
}

static void emit_XCHG(struct emit *e, const struct ir_insn *i)
{
    x64_rr(&e->a, i->size == 1 ? 0x86 : 0x87, i->size, emit_host_reg(e, i->d, i->size),
           emit_host_reg(e, i->a, i->size));
}

static void emit_BSWAP(struct emit *e, const struct ir_insn *i)
{
    unsigned r = emit_host_reg(e, i->d, 4);

    x64_prefix(&e->a, 0, 4, x64_ext(r), false);
    x64_8(&e->a, 0x0f);
    x64_8(&e->a, 0xc8 | (r & 7));
}

static void emit_CDQ(struct emit *e, const struct ir_insn *i)
{
    x64_prefix(&e->a, 0, i->size, 0, false);
    x64_8(&e->a, 0x99);
}

/* ---- guest memory ---- */

struct cold *emit_new_cold(struct emit *e, enum cold_kind kind, const struct ir_insn *i)
{
    if (e->colds == COLDS) {
        e->full = true;
        e->colds--;
    }

    struct cold *c = &e->cold[e->colds++];

    *c = (struct cold){.kind = kind,
                       .i = i,
                       .insn = i->insn,
                       .second = e->second,
                       .x87_noted = e->x87_noted,
                       .x87_eip = e->x87_eip,
                       .x87_fop = e->x87_fop};
    return c;
}

static void bail_if(struct emit *e, const struct ir_insn *i, unsigned cc)
{
    uint8_t *from = x64_jcc_forward(&e->a, cc);

    emit_new_cold(e, COLD_BAIL, i)->from[0] = from;
}

static void emit_SEG(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned off = emit_host_reg(e, i->a, 4), d = new_temp(e, i->d.reg);
    int32_t end = i->imm ? CPU_SEG(i->aux, write_end) : CPU_SEG(i->aux, read_end);

    x64_lea(a, 8, REG_SCRATCH, x64_at(off, i->size));
    x64_alu_rm(a, X64_CMP, 8, REG_SCRATCH, cpu_at(end));
    bail_if(e, i, X64_A);
    x64_load(a, 4, d, cpu_at(CPU_SEG(i->aux, base)));
    x64_alu_rr(a, X64_ADD, 4, d, off);
    free_dying(e, i->a);
}

unsigned x64_log2(unsigned size)
{
    return size <= 1 ? 0 : size == 2 ? 1 : size <= 4 ? 2 : size <= 8 ? 3 : 4;
}

/*
 * The bias keeps page 0 out, by the entry behind the last, which is empty; the last page has no
 * entry at all (mmu/fill.c). So no register that leads into the page is off by 4 GiB.
 */
static void emit_SHARE(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    int32_t table = i->aux ? (int32_t)(SHADOW_WRITE * 8) : 0;

    if (e->second) {
        return;
    }
    if (!e->twice) {
        e->twice = true;
        e->second_at = e->at - 1;
        e->second_noted = e->x87_noted;
        e->second_eip = e->x87_eip;
        e->second_fop = e->x87_fop;
    }

    struct cold *c = emit_new_cold(e, COLD_SHARE, i);

    x64_lea(a, 4, REG_SCRATCH, x64_at(x64_guest[i->a.reg], (int32_t)(i->imm - PAGE_SIZE)));
    x64_mov_rr(a, 4, REG_SHARED, REG_SCRATCH);
    x64_alu_ri(a, X64_AND, 4, REG_SCRATCH, PAGE_MASK);
    x64_alu_ri(a, X64_CMP, 4, REG_SCRATCH, PAGE_SIZE - i->imm2);
    c->from[0] = x64_jcc_forward(a, X64_A);
    x64_xr(a, 0xc1, 4, X64_SHR, REG_SHARED);
    x64_8(a, PAGE_SHIFT);
    x64_load(a, 8, REG_SHARED, (struct x64_mem){REG_SHADOW, REG_SHARED, 3, table + 8});
    x64_rr(a, 0x85, 8, REG_SHARED, REG_SHARED);
    c->from[1] = x64_jcc_forward(a, X64_Z);
    e->sharing = true;
    e->shared_until = (unsigned)i->b.imm;
}

static void emit_MAP(struct emit *e, const struct ir_insn *i)
{
    if (i->shared && e->sharing) {
        e->temp[i->d.reg] = REG_SHARED;
        e->shared[i->d.reg].base = i->b.reg;
        e->shared[i->d.reg].disp = (int32_t)i->imm;
        return;
    }

    struct x64_asm *a = &e->a;
    unsigned lin = emit_host_reg(e, i->a, 4), d = new_temp(e, i->d.reg), log2 = x64_log2(i->size);
    int32_t table = i->op == IR_MAPW ? (int32_t)(SHADOW_WRITE * 8) : 0;

    if (log2) {
        x64_rorx(a, d, lin, log2);
    } else {
        x64_mov_rr(a, 4, d, lin);
    }
    x64_xr(a, 0xc1, 4, X64_SHR, d);
    x64_8(a, PAGE_SHIFT - log2);
    x64_load(a, 8, d, (struct x64_mem){REG_SHADOW, (uint8_t)d, 3, table});
    x64_rr(a, 0x85, 8, d, d);

    uint8_t *from = x64_jcc_forward(a, X64_Z);
    struct cold *c = emit_new_cold(e, i->aux || !log2 ? COLD_BAIL : COLD_MAP, i);

    c->from[0] = from;
    c->back = c->kind == COLD_MAP ? a->p : NULL;
    c->d = (uint8_t)d;
    c->lin = (uint8_t)lin;
    free_dying(e, i->a);
}

/* ---- arithmetic and logic ---- */

static void emit_alu(struct emit *e, const struct ir_insn *i, enum x64_alu op)
{
    struct x64_asm *a = &e->a;
    unsigned size = i->size;
    struct turned t = {NOREG};

    if (i->a.kind == IRK_MEM) {
        struct x64_mem m = emit_host_mem(e, i->a);

        if (i->b.kind == IRK_IMM) {
            x64_alu_mi(a, op, size, m, (uint32_t)i->b.imm);
        } else {
            unsigned s = emit_host_reg(e, i->b, size);

            x64_alu_mr(a, op, size, m, size == 1 ? low_byte(e, s) : s);
        }
        return;
    }

    unsigned d = emit_host_reg(e, i->a, size);

    if (i->b.kind == IRK_IMM) {
        x64_alu_ri(a, op, size, d, (uint32_t)i->b.imm);
    } else if (i->b.kind == IRK_MEM) {
        struct x64_mem m = safe_mem(e, emit_host_mem(e, i->b), d);

        t = turn(e, &d);
        x64_alu_rm(a, op, size, d, m);
    } else {
        unsigned s = emit_host_reg(e, i->b, size);

        if (size == 1 && x64_high(s) && needs_rex(d)) {
            s = low_byte(e, s);
        } else if (size == 1 && x64_high(d) && needs_rex(s)) {
            t = turn(e, &d);
        }
        x64_alu_rr(a, op, size, d, s);
    }
    turn_back(e, t);
}

static void emit_TEST(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned size = i->size, d = emit_host_reg(e, i->a, size);

    if (i->b.kind == IRK_IMM) {
        x64_xr(a, size == 1 ? 0xf6 : 0xf7, size, 0, d);
        x64_imm(a, size, (uint32_t)i->b.imm);
        return;
    }

    unsigned s = emit_host_reg(e, i->b, size);

    if (size == 1 && x64_high(s) && needs_rex(d)) {
        s = low_byte(e, s);
    } else if (size == 1 && x64_high(d) && needs_rex(s)) {
        d = low_byte(e, d);
    }
    x64_rr(a, size == 1 ? 0x84 : 0x85, size, s, d);
}

/* One-operand forms: op with ModRM.reg = ext on a register or memory. */
static void emit_unary(struct emit *e, const struct ir_insn *i, unsigned op, unsigned ext)
{
    if (i->a.kind == IRK_MEM) {
        x64_xm(&e->a, op, i->size, ext, emit_host_mem(e, i->a));
    } else {
        x64_xr(&e->a, op, i->size, ext, emit_host_reg(e, i->a, i->size));
    }
}

static void emit_shift(struct emit *e, const struct ir_insn *i, enum x64_shift op)
{
    unsigned n = (unsigned)i->b.imm & 31;

    if (n == 1) {
        emit_unary(e, i, i->size == 1 ? 0xd0 : 0xd1, op);
        return;
    }
    emit_unary(e, i, i->size == 1 ? 0xc0 : 0xc1, op);
    x64_8(&e->a, n);
}

/* Flags that stay if the count is 0: so they are stored on the way around. */
static void emit_shift_cl(struct emit *e, const struct ir_insn *i, enum x64_shift op,
                          enum lazy_kind kind, enum lazy_over over)
{
    struct x64_asm *a = &e->a;
    unsigned code = i->size == 1 ? 0xd2 : 0xd3;

    if (!i->live) {
        emit_unary(e, i, code, op);
        return;
    }
    x64_xr(a, 0xf6, 1, 0, RCX); /* test cl, 31 */
    x64_8(a, 31);

    uint8_t *none = x64_jcc_forward(a, X64_Z);

    if (kind != LAZY_NONE) {
        emit_store_lazy(e, CPU_OFF(lazy.a), i->a, i->size);
        x64_store(a, 4, cpu_at(CPU_OFF(lazy.b)), RCX);
        x64_store_imm(a, 4, cpu_at(CPU_OFF(lazy.kind)), LAZY(kind, i->size));
    }
    emit_unary(e, i, code, op);
    if (kind == LAZY_NONE) {
        emit_store_lazy(e, CPU_OFF(lazy.over_val), i->a, i->size);
        x64_store_imm(a, 2, cpu_at(CPU_OFF(lazy.over)), LAZY(over, i->size));
    }
    x64_land(a, none);
}

static void emit_shift_double(struct emit *e, const struct ir_insn *i, uint32_t op)
{
    x64_rr(&e->a, op, 4, emit_host_reg(e, i->b, 4), emit_host_reg(e, i->a, 4));
    x64_8(&e->a, i->imm);
}

static void emit_shift_double_cl(struct emit *e, const struct ir_insn *i, uint32_t op,
                                 enum lazy_kind kind)
{
    struct x64_asm *a = &e->a;
    unsigned d = emit_host_reg(e, i->a, 4), s = emit_host_reg(e, i->b, 4);

    if (!i->live) {
        x64_rr(a, op, 4, s, d);
        return;
    }
    x64_xr(a, 0xf6, 1, 0, RCX);
    x64_8(a, 31);

    uint8_t *none = x64_jcc_forward(a, X64_Z);

    x64_store(a, 4, cpu_at(CPU_OFF(lazy.a)), d);
    x64_store(a, 4, cpu_at(CPU_OFF(lazy.b)), s);
    x64_store(a, 4, cpu_at(CPU_OFF(lazy.r)), RCX);
    x64_store_imm(a, 4, cpu_at(CPU_OFF(lazy.kind)), LAZY(kind, 4));
    x64_rr(a, op, 4, s, d);
    x64_land(a, none);
}

static void emit_bit(struct emit *e, const struct ir_insn *i, unsigned ext)
{
    struct x64_asm *a = &e->a;
    unsigned d = emit_host_reg(e, i->a, i->size);

    if (i->b.kind == IRK_IMM) {
        x64_xr(a, 0x0fba, i->size, ext, d);
        x64_8(a, (uint32_t)i->b.imm);
    } else {
        x64_rr(a, 0x0f83 | ext << 3, i->size, emit_host_reg(e, i->b, i->size), d);
    }
}

static void emit_BITADDR(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned base = emit_host_reg(e, i->a, 4), d;

    x64_mov_rr(a, 4, REG_SCRATCH, emit_host_reg(e, i->b, 4));
    x64_xr(a, 0xc1, 4, X64_SAR, REG_SCRATCH);
    x64_8(a, 5);
    free_dying(e, i->a);
    d = new_temp(e, i->d.reg);
    x64_lea(a, 4, d, (struct x64_mem){(uint8_t)base, REG_SCRATCH, 2, 0});
}

static void emit_scan(struct emit *e, const struct ir_insn *i, uint32_t op)
{
    x64_rr(&e->a, op, i->size, emit_host_reg(e, i->d, i->size), emit_host_reg(e, i->a, i->size));
}

/* ---- products and quotients ---- */

static void emit_IMUL(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned d = emit_host_reg(e, i->d, i->size);
    uint32_t v = (uint32_t)i->b.imm;
    bool byte = (int32_t)v >= -128 && (int32_t)v < 128, memory = i->a.kind == IRK_MEM;
    unsigned s = memory ? 0 : emit_host_reg(e, i->a, i->size);
    uint32_t op = i->b.kind != IRK_IMM ? 0x0faf : byte ? 0x6b : 0x69;

    if (memory) {
        x64_rm(a, op, i->size, d, emit_host_mem(e, i->a));
    } else {
        x64_rr(a, op, i->size, d, s);
    }
    if (i->b.kind == IRK_IMM) {
        x64_imm(a, byte ? 1 : i->size, v);
    }
}

static void emit_mul_eax(struct emit *e, const struct ir_insn *i, enum x64_unary op)
{
    emit_unary(e, i, i->size == 1 ? 0xf6 : 0xf7, op);
}

/* Overflows exactly if the upper half is not below the divisor; 0 included. */
static void emit_DIV(struct emit *e, const struct ir_insn *i)
{
    unsigned s = emit_host_reg(e, i->a, 4);

    x64_alu_rr(&e->a, X64_CMP, 4, RDX, s);
    bail_if(e, i, X64_AE);
    x64_xr(&e->a, 0xf7, 4, X64_DIV, s);
}

/* In plain cases only: the dividend is a sign-extended eax, the divisor neither 0 nor -1. */
static void emit_IDIV(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned s = emit_host_reg(e, i->a, 4);

    x64_mov_rr(a, 4, REG_SCRATCH, RAX);
    x64_xr(a, 0xc1, 4, X64_SAR, REG_SCRATCH);
    x64_8(a, 31);
    x64_alu_rr(a, X64_CMP, 4, REG_SCRATCH, RDX);
    bail_if(e, i, X64_NZ);
    x64_lea(a, 4, REG_SCRATCH, x64_at(s, 1));
    x64_alu_ri(a, X64_CMP, 4, REG_SCRATCH, 1);
    bail_if(e, i, X64_BE);
    x64_xr(a, 0xf7, 4, X64_IDIV, s);
}

/* ---- conditions ---- */

static void emit_SETCC(struct emit *e, const struct ir_insn *i)
{
    if (i->d.kind == IRK_MEM) {
        x64_xm(&e->a, 0x0f90 | i->cc, 1, 0, emit_host_mem(e, i->d));
    } else {
        x64_xr(&e->a, 0x0f90 | i->cc, 1, 0, dest_reg(e, i, 1));
    }
}

static void emit_CMOV(struct emit *e, const struct ir_insn *i)
{
    unsigned d = emit_host_reg(e, i->d, i->size);

    if (i->a.kind == IRK_MEM) {
        x64_rm(&e->a, 0x0f40 | i->cc, i->size, d, emit_host_mem(e, i->a));
    } else {
        x64_rr(&e->a, 0x0f40 | i->cc, i->size, d, emit_host_reg(e, i->a, i->size));
    }
}

static void emit_exchange(struct emit *e, const struct ir_insn *i, uint32_t op)
{
    unsigned s = emit_host_reg(e, i->b, i->size);

    op |= i->size != 1;
    if (i->a.kind != IRK_MEM) {
        x64_rr(&e->a, op, i->size, s, emit_host_reg(e, i->a, i->size));
        return;
    }

    struct x64_mem m = emit_host_mem(e, i->a);
    struct turned t;

    m = safe_mem(e, m, s);
    t = turn(e, &s);
    x64_rm(&e->a, op, i->size, s, m);
    turn_back(e, t);
}

/* CMPXCHG reads AL while its source may be AH: turned only for another register. */
static void emit_CMPXCHG(struct emit *e, const struct ir_insn *i)
{
    unsigned s = emit_host_reg(e, i->b, i->size);

    if (i->a.kind == IRK_MEM && x64_high(s)) {
        s = low_byte(e, s);
        x64_rm(&e->a, 0x0fb0, 1, s, emit_host_mem(e, i->a));
        return;
    }
    emit_exchange(e, i, 0x0fb0);
}

/* ---- flags ---- */

/* Stores an operand of a description at an offset of struct cpu; changes no flag. */
void emit_store_lazy(struct emit *e, int32_t offset, struct ir_opd x, unsigned size)
{
    struct x64_asm *a = &e->a;

    switch (x.kind) {
    case IRK_NONE: return;
    case IRK_IMM: x64_store_imm(a, 4, cpu_at(offset), (uint32_t)x.imm); return;
    case IRK_MEM:
        if (size == 4) {
            x64_load(a, 4, REG_SCRATCH, emit_host_mem(e, x));
        } else {
            x64_rm(a, size == 1 ? 0x0fb6 : 0x0fb7, 4, REG_SCRATCH, emit_host_mem(e, x));
        }
        x64_store(a, 4, cpu_at(offset), REG_SCRATCH);
        return;
    default: {
        unsigned r = emit_host_reg(e, x, size);

        x64_store(a, 4, cpu_at(offset), size == 1 ? low_byte(e, r) : r);
    }
    }
}

static void emit_FSAVE(struct emit *e, const struct ir_insn *i)
{
    unsigned size = LAZY_SIZE(i->imm);

    emit_store_lazy(e, CPU_OFF(lazy.a), i->a, size);
    emit_store_lazy(e, CPU_OFF(lazy.b), i->b, size);
    emit_store_lazy(e, CPU_OFF(lazy.r), i->c, size);
    x64_store_imm(&e->a, 4, cpu_at(CPU_OFF(lazy.kind)), i->imm);
}

static void emit_FOVER(struct emit *e, const struct ir_insn *i)
{
    emit_store_lazy(e, CPU_OFF(lazy.over_val), i->a, LAZY_SIZE(i->imm));
    x64_store_imm(&e->a, 2, cpu_at(CPU_OFF(lazy.over)), i->imm);
}

static void emit_FCARRY(struct emit *e, const struct ir_insn *i)
{
    x64_alu_mi(&e->a, X64_CMP, 2, cpu_at(CPU_OFF(lazy.over)), LAZY(OVER_CF, 1));

    uint8_t *from = x64_jcc_forward(&e->a, X64_NZ);
    struct cold *c = emit_new_cold(e, COLD_CARRY, i);

    c->from[0] = from;
    c->back = e->a.p;
}

/* Mostly it was a compare of 32 bits, in the block before. */
static void emit_FLOAD(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;

    x64_alu_mi(a, X64_CMP, 4, cpu_at(CPU_OFF(lazy.kind)), LAZY(LAZY_CMP, 4));

    uint8_t *from = x64_jcc_forward(a, X64_NZ);
    struct cold *c = emit_new_cold(e, COLD_FLAGS, i);

    x64_load(a, 4, REG_SCRATCH, cpu_at(CPU_OFF(lazy.a)));
    x64_alu_rm(a, X64_CMP, 4, REG_SCRATCH, cpu_at(CPU_OFF(lazy.b)));
    c->from[0] = from;
    c->back = a->p;
}

static void emit_FREDO(struct emit *e, const struct ir_insn *i)
{
    struct ir_insn again = *i;

    again.size = (uint8_t)LAZY_SIZE(i->imm);
    switch (i->imm >> 2) {
    case LAZY_LOGIC:
        again.b = again.a;
        emit_TEST(e, &again);
        break;
    case LAZY_TEST: emit_TEST(e, &again); break;
    default: emit_alu(e, &again, X64_CMP); break;
    }
}

static void emit_SAVECF(struct emit *e, const struct ir_insn *i)
{
    x64_xm(&e->a, 0x0f92, 1, 0, cpu_at(CPU_OFF(lazy.cf)));
    if (i->aux) {
        x64_xm(&e->a, 0x0f90, 1, 0, cpu_at(CPU_OFF(lazy.of)));
    }
}

void emit_keep(struct emit *e, unsigned cc)
{
    x64_xm(&e->a, 0x0f90 | cc, 1, 0, cpu_at(CPU_OFF(jit.cond)));
}

static void emit_LOADCC(struct emit *e)
{
    x64_xm(&e->a, 0xf6, 1, 0, cpu_at(CPU_OFF(jit.cond)));
    x64_8(&e->a, 1);
}

/* A byte that is 0 is below 1. A wider access than SAVECC's would not get its store forwarded. */
static void emit_LOADCF(struct emit *e)
{
    x64_alu_mi(&e->a, X64_CMP, 1, cpu_at(CPU_OFF(jit.cond)), 1);
}

/* ---- leaving ---- */

void emit_call(struct emit *e, enum x64_glue glue, unsigned insn)
{
    x64_mov_imm64(&e->a, REG_SCRATCH, (uintptr_t)e->job->insn[insn]);
    x64_call(&e->a, e->buf->glue[glue]);
}

/* A jump to a known EIP; cc NOREG: always. */
static struct backend_exit *emit_exit(struct emit *e, const struct ir_insn *i, unsigned cc,
                                      uint32_t eip)
{
    struct backend_exit *x = &e->job->exit[e->job->exits];

    x->number = e->job->exits & (BACKEND_EXITS - 1);
    e->exit_to[e->job->exits++] = NOREG;
    if (cc == NOREG) {
        x64_8(&e->a, 0xe9);
    } else {
        x64_8(&e->a, 0x0f);
        x64_8(&e->a, 0x80 | cc);
    }
    x->patch = codebuf_offset(e->buf, x64_here(&e->a));
    x->eip = eip;
    x->flags = i->flags;
    x->predicted = x->unpredicted = false;
    x64_32(&e->a, 0);
    return x;
}

static void emit_JNZ(struct emit *e, const struct ir_insn *i)
{
    unsigned r = emit_host_reg(e, i->a, i->size);

    x64_rr(&e->a, 0x85, i->size, r, r);
    emit_exit(e, i, X64_NZ, i->imm);
    emit_exit(e, i, NOREG, i->imm2);
}

/* A field of the entry of the jump table that r11 numbers, times 4. */
static struct x64_mem jump_field(unsigned table, size_t field)
{
    return (struct x64_mem){(uint8_t)table, REG_SCRATCH, 3, (int32_t)field};
}

_Static_assert(sizeof(struct jump_target) == 32, "an index times 4, scaled by 8");

/* Whether the code is still mapped there; if so, jumps. t1: the table; t2: may be used. */
static uint8_t *jump_if_mapped(struct emit *e, unsigned to, unsigned t1, unsigned t2)
{
    struct x64_asm *a = &e->a;
    struct x64_mem code = jump_field(t1, offsetof(struct jump_target, code));
    unsigned linear = to;
    uint8_t *miss;

    if (!e->job->cs_flat) { /* the base of CS need not be the one that it was translated with */
        x64_lea(a, 8, t1, jump_field(t1, 0));
        x64_load(a, 4, REG_SCRATCH, cpu_at(CPU_SEG(CS, base)));
        x64_alu_rr(a, X64_ADD, 4, REG_SCRATCH, to);
        linear = REG_SCRATCH;
        code = x64_at(t1, offsetof(struct jump_target, code));
    }
    x64_mov_rr(a, 4, t2, linear);
    x64_xr(a, 0xc1, 4, X64_SHR, t2);
    x64_8(a, PAGE_SHIFT);
    x64_load(a, 8, t2, (struct x64_mem){REG_SHADOW, (uint8_t)t2, 3, 0});
    if (e->job->cs_flat) {
        x64_alu_rm(a, X64_CMP, 8, t2, jump_field(t1, offsetof(struct jump_target, distance)));
    } else {
        x64_alu_rr(a, X64_ADD, 8, t2, linear);
        x64_alu_rm(a, X64_CMP, 8, t2, x64_at(t1, offsetof(struct jump_target, host)));
    }
    miss = x64_jcc_forward(a, X64_NZ);
    x64_xm(a, 0xff, 4, 4, code); /* jmp [code] */
    return miss;
}

/* To where it went when it was first taken. Else falls through (entry.c patches it). */
static void emit_predicted(struct emit *e, const struct ir_insn *i, unsigned to)
{
    struct x64_asm *a = &e->a;
    struct backend_exit *x;

    x64_xr(a, 0x81, 4, X64_CMP, to);
    x64_32(a, 0);
    x64_8(a, 0x0f);
    x64_8(a, 0x80 | X64_NZ);
    x64_32(a, 0);
    x = emit_exit(e, i, NOREG, 0);
    e->exit_to[e->job->exits - 1] = (uint8_t)to;
    x->predicted = x->unpredicted = true;
}

/* Where it is expected to go, or looks the target up in the jump table, by EIP and mode. */
static void emit_JMP_IND(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned to = emit_host_reg(e, i->a, 4), t1 = to == R8 ? R9 : R8, t2 = to == R10 ? R9 : R10;
    struct cold *c = emit_new_cold(e, COLD_JUMP, i);

    c->d = (uint8_t)to;
    if (e->job->cs_flat) {
        emit_predicted(e, i, to);
    }
    emit_store_flags(e, i->flags);
    x64_rorx(a, REG_SCRATCH, to, JUMP_ROTATE);
    x64_alu_rr(a, X64_XOR, 4, REG_SCRATCH, to);
    x64_alu_ri(a, X64_AND, 4, REG_SCRATCH, 4 * (JUMP_TARGETS - 1)); /* jump_index(), times 4 */
    x64_lea_rip(a, t1, e->buf->jumps);
    x64_alu_mr(a, X64_CMP, 4, jump_field(t1, offsetof(struct jump_target, eip)), to);
    c->from[0] = x64_jcc_forward(a, X64_NZ);
    x64_alu_mi(a, X64_CMP, 4, jump_field(t1, offsetof(struct jump_target, mode)), e->job->mode);
    c->from[1] = x64_jcc_forward(a, X64_NZ);
    c->from[2] = jump_if_mapped(e, to, t1, t2);
}

static void emit_CS_LIMIT(struct emit *e, const struct ir_insn *i)
{
    x64_alu_rm(&e->a, X64_CMP, 4, emit_host_reg(e, i->a, 4), cpu_at(CPU_SEG(CS, limit)));
    bail_if(e, i, X64_A);
}

static void emit_CHECK_DF(struct emit *e, const struct ir_insn *i)
{
    x64_xm(&e->a, 0xf7, 4, 0, cpu_at(CPU_OFF(eflags)));
    x64_32(&e->a, EFLAGS_DF);
    bail_if(e, i, i->a.imm ? X64_Z : X64_NZ);
}

/* ---- system instructions ---- */

static void emit_interrupt_flag(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;

    x64_alu_mi(a, X64_CMP, 1, cpu_at(CPU_OFF(cpl)), 0);
    bail_if(e, i, X64_NZ);
    if (i->op == IR_CLI) {
        x64_alu_mi(a, X64_AND, 4, cpu_at(CPU_OFF(eflags)), ~EFLAGS_IF);
        return;
    }
    x64_alu_mi(a, X64_CMP, 1, cpu_at(CPU_OFF(intr)), 0);
    bail_if(e, i, X64_NZ);
    x64_rr(a, 0x85, 4, REG_BUDGET, REG_BUDGET); /* the clock may be due before the next one */
    bail_if(e, i, X64_Z);
    x64_alu_mi(a, X64_OR, 4, cpu_at(CPU_OFF(eflags)), EFLAGS_IF);
}

static void emit_GETFLAGS(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned d;

    x64_xm(a, 0xf7, 4, 0, cpu_at(CPU_OFF(eflags)));
    x64_32(a, EFLAGS_VM);
    bail_if(e, i, X64_NZ);
    emit_store_flags(e, i->flags);
    x64_call(a, e->buf->glue[GLUE_FLAGS]);
    d = new_temp(e, i->d.reg);
    x64_load(a, 4, d, cpu_at(CPU_OFF(eflags)));
    x64_alu_ri(a, X64_AND, 4, d, ~EFLAGS_RF);
    x64_alu_rr(a, X64_OR, 4, d, REG_SCRATCH);
}

static void emit_PUTFLAGS(struct emit *e, const struct ir_insn *i)
{
    x64_mov_rr(&e->a, 4, REG_SCRATCH, emit_host_reg(e, i->a, 4));
    x64_call(&e->a, e->buf->glue[GLUE_PUT_FLAGS]);
    bail_if(e, i, X64_Z);
}

static void emit_LOADSEG(struct emit *e, const struct ir_insn *i)
{
    x64_mov_rr(&e->a, 4, REG_SCRATCH, emit_host_reg(e, i->a, 4));
    x64_alu_ri(&e->a, X64_OR, 4, REG_SCRATCH, (uint32_t)i->aux << 16);
    x64_call(&e->a, e->buf->glue[GLUE_LOAD_SEGMENT]);
    bail_if(e, i, X64_Z);
}

/* ---- one operation ---- */

static void emit_insn_start(struct emit *e, const struct ir_insn *i)
{
    const struct ir_block *b = e->job->ir;

    (e->second ? e->second_start : e->insn_start)[i->imm] = e->a.p;
    e->sharing = e->sharing && i->imm <= e->shared_until;
    e->busy = 0;
    memset(e->temp, NOREG, sizeof(e->temp));
    for (unsigned k = e->at + 1; k < b->count && b->insn[k].op != IR_INSN; k++) {
        const struct ir_opd *x[4] = {&b->insn[k].d, &b->insn[k].a, &b->insn[k].b, &b->insn[k].c};

        for (unsigned n = 0; n < 4; n++) {
            if (x[n]->kind == IRK_TMP || x[n]->kind == IRK_MEM) {
                e->last[x[n]->reg] = (uint16_t)k;
            }
            if (x[n]->kind == IRK_MEM && x[n]->lin_kind == IRK_TMP) {
                e->last[x[n]->lin] = (uint16_t)k;
            }
        }
    }
}

static void emit_op(struct emit *e, const struct ir_insn *i)
{
    if (!e->x87_noted && ((ir_info[i->op].effects & IRE_EXITS) || i->op == IR_CALL)) {
        emit_x87_note(e, e->x87_eip, e->x87_fop);
        e->x87_noted = i->op == IR_CALL;
    }
    switch (i->op) {
    case IR_INSN: emit_insn_start(e, i); return;
    case IR_MOV: emit_MOV(e, i); return;
    case IR_MOVZX:
    case IR_MOVSX: emit_extend(e, i); return;
    case IR_LEA: emit_LEA(e, i); return;
    case IR_SEG: emit_SEG(e, i); return;
    case IR_SHARE: emit_SHARE(e, i); return;
    case IR_MAPR:
    case IR_MAPW: emit_MAP(e, i); return;
    case IR_XCHG: emit_XCHG(e, i); break;
    case IR_BSWAP: emit_BSWAP(e, i); break;
    case IR_CDQ: emit_CDQ(e, i); break;
    case IR_ADD: emit_alu(e, i, X64_ADD); break;
    case IR_SUB: emit_alu(e, i, X64_SUB); break;
    case IR_ADC: emit_alu(e, i, X64_ADC); break;
    case IR_SBB: emit_alu(e, i, X64_SBB); break;
    case IR_AND: emit_alu(e, i, X64_AND); break;
    case IR_OR: emit_alu(e, i, X64_OR); break;
    case IR_XOR: emit_alu(e, i, X64_XOR); break;
    case IR_CMP: emit_alu(e, i, X64_CMP); break;
    case IR_TEST: emit_TEST(e, i); break;
    case IR_INC: emit_unary(e, i, i->size == 1 ? 0xfe : 0xff, 0); break;
    case IR_DEC: emit_unary(e, i, i->size == 1 ? 0xfe : 0xff, 1); break;
    case IR_NEG: emit_unary(e, i, i->size == 1 ? 0xf6 : 0xf7, X64_NEG); break;
    case IR_NOT: emit_unary(e, i, i->size == 1 ? 0xf6 : 0xf7, X64_NOT); break;
    case IR_SHL: emit_shift(e, i, X64_SHL); break;
    case IR_SHR: emit_shift(e, i, X64_SHR); break;
    case IR_SAR: emit_shift(e, i, X64_SAR); break;
    case IR_ROL: emit_shift(e, i, X64_ROL); break;
    case IR_ROR: emit_shift(e, i, X64_ROR); break;
    case IR_RCL1: emit_unary(e, i, i->size == 1 ? 0xd0 : 0xd1, X64_RCL); break;
    case IR_RCR1: emit_unary(e, i, i->size == 1 ? 0xd0 : 0xd1, X64_RCR); break;
    case IR_SHL_CL: emit_shift_cl(e, i, X64_SHL, LAZY_SHL, OVER_NONE); break;
    case IR_SHR_CL: emit_shift_cl(e, i, X64_SHR, LAZY_SHR, OVER_NONE); break;
    case IR_SAR_CL: emit_shift_cl(e, i, X64_SAR, LAZY_SAR, OVER_NONE); break;
    case IR_ROL_CL: emit_shift_cl(e, i, X64_ROL, LAZY_NONE, OVER_ROL); break;
    case IR_ROR_CL: emit_shift_cl(e, i, X64_ROR, LAZY_NONE, OVER_ROR); break;
    case IR_SHLD: emit_shift_double(e, i, 0x0fa4); break;
    case IR_SHRD: emit_shift_double(e, i, 0x0fac); break;
    case IR_SHLD_CL: emit_shift_double_cl(e, i, 0x0fa5, LAZY_SHLD); break;
    case IR_SHRD_CL: emit_shift_double_cl(e, i, 0x0fad, LAZY_SHRD); break;
    case IR_BITADDR: emit_BITADDR(e, i); return;
    case IR_BSF: emit_scan(e, i, 0x0fbc); break;
    case IR_BSR: emit_scan(e, i, 0x0fbd); break;
    case IR_SELECTOR:
        x64_rm(&e->a, 0x0fb7, 4, new_temp(e, i->d.reg), cpu_at(CPU_SEG(i->aux, sel)));
        return;
    case IR_BT: emit_bit(e, i, 4); break;
    case IR_BTS: emit_bit(e, i, 5); break;
    case IR_BTR: emit_bit(e, i, 6); break;
    case IR_BTC: emit_bit(e, i, 7); break;
    case IR_IMUL: emit_IMUL(e, i); break;
    case IR_MUL_EAX: emit_mul_eax(e, i, X64_MUL); break;
    case IR_IMUL_EAX: emit_mul_eax(e, i, X64_IMUL); break;
    case IR_DIV_EAX: emit_DIV(e, i); break;
    case IR_IDIV_EAX: emit_IDIV(e, i); break;
    case IR_SETCC: emit_SETCC(e, i); break;
    case IR_CMOV: emit_CMOV(e, i); break;
    case IR_CMPXCHG: emit_CMPXCHG(e, i); break;
    case IR_XADD: emit_exchange(e, i, 0x0fc0); break;
    case IR_FSAVE: emit_FSAVE(e, i); break;
    case IR_FOVER: emit_FOVER(e, i); break;
    case IR_FCARRY: emit_FCARRY(e, i); break;
    case IR_FQUOTIENT:
        if (i->live) {
            x64_call(&e->a, e->buf->glue[GLUE_QUOTIENT]);
        }
        break;
    case IR_FLOAD: emit_FLOAD(e, i); break;
    case IR_FREDO: emit_FREDO(e, i); break;
    case IR_SETCF: x64_store_imm(&e->a, 1, cpu_at(CPU_OFF(lazy.cf)), (uint32_t)i->a.imm); break;
    case IR_SAVECF: emit_SAVECF(e, i); break;
    case IR_SAVECC: emit_keep(e, i->cc); break;
    case IR_LOADCC: emit_LOADCC(e); break;
    case IR_LOADCF: emit_LOADCF(e); break;
    case IR_CHECK_DF: emit_CHECK_DF(e, i); break;
    case IR_CLI:
    case IR_STI: emit_interrupt_flag(e, i); break;
    case IR_GETFLAGS: emit_GETFLAGS(e, i); return;
    case IR_PUTFLAGS: emit_PUTFLAGS(e, i); break;
    case IR_LOADSEG: emit_LOADSEG(e, i); break;
    case IR_CALL: emit_call(e, GLUE_CALL, i->insn); break;
    case IR_CALL_NEXT:
        emit_call(e, GLUE_CALL_NEXT, i->insn);
        emit_exit(e, i, NOREG, i->imm);
        break;
    case IR_CALL_END:
        x64_mov_imm64(&e->a, REG_SCRATCH, (uintptr_t)e->job->insn[i->insn]);
        x64_jmp(&e->a, e->buf->glue[GLUE_CALL_END]);
        break;
    case IR_CS_LIMIT: emit_CS_LIMIT(e, i); break;
    case IR_JCC:
        emit_exit(e, i, i->cc, i->imm);
        emit_exit(e, i, NOREG, i->imm2);
        break;
    case IR_JNZ: emit_JNZ(e, i); break;
    case IR_JMP: emit_exit(e, i, NOREG, i->imm); break;
    case IR_JMP_IND: emit_JMP_IND(e, i); break;
    default: emit_fp(e, i); break;
    }
    free_dying(e, i->d);
    free_dying(e, i->a);
    free_dying(e, i->b);
    free_dying(e, i->c);
}

static void emit_ops(struct emit *e, unsigned from)
{
    static const unsigned margin = 256; /* more than any operation emits */

    for (e->at = from; e->at < e->job->ir->count && !e->full; e->at++) {
        emit_op(e, &e->job->ir->insn[e->at]);
        e->full |= e->a.p + margin > e->a.end;
    }
}

bool x64_emit(struct codebuf *buf, struct backend_job *job)
{
    static const unsigned margin = 256;
    struct emit e = {.buf = buf, .job = job, .x87_noted = true};
    struct x64_asm *a = &e.a;

    *a = (struct x64_asm){codebuf_w(buf, buf->run + buf->used),
                          codebuf_w(buf, buf->run + buf->end) - 4096, -buf->to_w};
    job->exits = 0;
    job->entry = x64_here(a);

    x64_alu_ri(a, X64_SUB, 4, REG_BUDGET, job->guest_count);
    uint8_t *budget = x64_jcc_forward(a, X64_S), *limit = NULL;

    if (job->max_eip != 0xffffffffu) {
        x64_alu_mi(a, X64_CMP, 4, cpu_at(CPU_SEG(CS, limit)), job->max_eip);
        limit = x64_jcc_forward(a, X64_B);
    }
    emit_ops(&e, 0);
    job->hot_end = x64_here(a);
    if (e.twice) {
        e.second = true;
        e.sharing = false;
        e.x87_noted = e.second_noted;
        e.x87_eip = e.second_eip;
        e.x87_fop = e.second_fop;
        emit_ops(&e, e.second_at);
    }
    x64_emit_cold(&e, budget, limit);
    if (e.full) {
        job->cannot = a->p + 2 * margin < a->end;
        return false;
    }
    job->size = (uint32_t)(x64_here(a) - job->entry);
    if (job->size > UINT16_MAX) { /* struct backend_exit */
        job->cannot = true;
        return false;
    }
    for (unsigned k = 0; k < job->guest_count; k++) {
        job->start[k] = e.insn_start[k] + a->to_run;
    }
    buf->used += (job->size + 15) & ~15u;
    return true;
}
