/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE: the guest's instructions on the host's units. Registers have the same numbers
 * there, so the encoding is the guest's with another address.
 */
#include "tcg/layout.h"
#include "tcg/x64/cold.h"

static struct x64_mem cpu_at(int32_t offset)
{
    return x64_at(REG_CPU, offset);
}

static struct cold *cold_if(struct emit *e, const struct ir_insn *i, enum cold_kind kind,
                            unsigned cc)
{
    uint8_t *from = x64_jcc_forward(&e->a, cc);
    struct cold *c = emit_new_cold(e, kind, i);

    c->from[0] = from;
    return c;
}

/* ---- x87 ---- */

static void emit_X87_ENTER(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    struct cold *c;

    x64_alu_mi(a, X64_CMP, 1, cpu_at(CPU_OFF(jit.x87_live)), 0);
    c = cold_if(e, i, COLD_X87, X64_Z);
    x64_xm(a, 0xf6, 1, 0, cpu_at(CPU_OFF(mmu.cr0)));
    x64_8(a, CR0_EM | CR0_TS);
    c->from[1] = x64_jcc_forward(a, X64_NZ);
    c->back = a->p;
}

static void emit_X87_DATA(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;

    if (i->a.kind == IRK_IMM) {
        x64_store_imm(a, 4, cpu_at(CPU_OFF(jit.fdp)), (uint32_t)i->a.imm);
    } else {
        x64_store(a, 4, cpu_at(CPU_OFF(jit.fdp)), emit_host_reg(e, i->a, 4));
    }
    x64_store_imm(a, 4, cpu_at(CPU_OFF(jit.fsegs)), 8u | i->aux);
}

static void emit_X87(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    unsigned opcode = i->imm >> 8, modrm = i->imm & 0xff;

    if (i->a.kind == IRK_MEM) {
        x64_xm(a, opcode, 4, modrm >> 3 & 7, emit_host_mem(e, i->a));
    } else {
        x64_8(a, opcode);
        x64_8(a, modrm);
    }
    if (!i->aux) {
        e->x87_eip = i->imm2;
        e->x87_fop = i->imm & 0x7ff;
        e->x87_noted = false;
    }
}

/* Where the last x87 instruction was: stored before anything may look, not each time. */
void emit_x87_note(struct emit *e, uint32_t eip, uint32_t fop)
{
    x64_store_imm(&e->a, 4, cpu_at(CPU_OFF(jit.fip)), eip);
    x64_store_imm(&e->a, 4, cpu_at(CPU_OFF(jit.fop)), 0x80000000u | fop);
}

/* A control word that unmasks an exception is the interpreter's business. */
static void emit_X87_CW(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;

    x64_rm(a, 0x0fb7, 4, REG_SCRATCH, emit_host_mem(e, i->a));
    x64_xr(a, 0xf7, 4, X64_NOT, REG_SCRATCH);
    x64_xr(a, 0xf6, 1, 0, REG_SCRATCH);
    x64_8(a, 0x3f);
    cold_if(e, i, COLD_BAIL, X64_NZ);
    emit_X87(e, i);
}

/* The flags as EFLAGS has them. */
static void emit_store_eflags(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;

    if (i->live) {
        x64_8(a, 0x9c); /* pushfq */
        x64_pop(a, REG_SCRATCH);
        x64_store(a, 4, cpu_at(CPU_OFF(lazy.a)), REG_SCRATCH);
        x64_store_imm(a, 4, cpu_at(CPU_OFF(lazy.kind)), LAZY(LAZY_EFLAGS, 4));
    }
}

/* ---- MMX and SSE ---- */

static void emit_SSE_ENTER(struct emit *e, const struct ir_insn *i)
{
    struct cold *c;

    x64_alu_mi(&e->a, X64_CMP, 1, cpu_at(CPU_OFF(jit.sse_live)), 0);
    c = cold_if(e, i, COLD_SSE, X64_Z);
    c->back = e->a.p;
}

static void emit_SSE(struct emit *e, const struct ir_insn *i)
{
    struct x64_asm *a = &e->a;
    uint32_t op = (i->imm >> 16) << 24 | (i->imm & 0xffff);
    unsigned reg = i->cc & 1 ? x64_guest[i->aux] : i->aux;

    if (i->imm == 0x0f77) { /* EMMS: no ModRM byte */
        x64_opcode(a, op);
        return;
    }
    if (i->a.kind == IRK_MEM) {
        x64_rm(a, op, 4, reg, emit_host_mem(e, i->a));
    } else {
        x64_rr(a, op, 4, reg, i->cc & 2 ? x64_guest[i->a.reg] : i->a.reg);
    }
    if (i->b.kind == IRK_IMM) {
        x64_8(a, (uint32_t)i->b.imm);
    }
}

void emit_fp(struct emit *e, const struct ir_insn *i)
{
    switch (i->op) {
    case IR_X87_ENTER: emit_X87_ENTER(e, i); break;
    case IR_X87_DATA: emit_X87_DATA(e, i); break;
    case IR_X87:
    case IR_X87_CMOV: emit_X87(e, i); break;
    case IR_X87_CW: emit_X87_CW(e, i); break;
    case IR_X87_FLAGS:
        emit_X87(e, i);
        emit_store_eflags(e, i);
        break;
    case IR_SSE_ENTER: emit_SSE_ENTER(e, i); break;
    case IR_SSE: emit_SSE(e, i); break;
    case IR_SSE_FLAGS:
        emit_SSE(e, i);
        emit_store_eflags(e, i);
        break;
    default: e->full = true; break;
    }
}
