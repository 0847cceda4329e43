/* SPDX-License-Identifier: MIT */
/*
 * The stack, segment registers and the interrupt flag: twin of cpu/op_stack.c and parts of
 * op_branch.c and op_system.c. ESP moves last.
 */
#include "tcg/gen.h"

static unsigned stack_size(const struct translate *t)
{
    return t->block->mode & MODE_STACK32 ? 4 : 2;
}

/* The offset at ESP + by, and the memory of size bytes there. */
static struct ir_opd stack_offset(struct translate *t, int32_t by)
{
    if (!by && stack_size(t) == 4) {
        return ir_reg(ESP);
    }

    struct ir_opd d = ir_new_temp(t->ir);

    gen3(t, IR_LEA, stack_size(t), d, ir_reg(ESP), ir_none())->imm = (uint32_t)by;
    return d;
}

static void stack_move(struct translate *t, int32_t by)
{
    gen3(t, IR_LEA, stack_size(t), ir_reg(ESP), ir_reg(ESP), ir_none())->imm = (uint32_t)by;
}

/* v: register, temporary or constant. */
static void push(struct translate *t, struct ir_opd v, unsigned size)
{
    struct ir_opd m = gen_map(t, SS, stack_offset(t, -(int32_t)size), size, true);

    gen2(t, IR_MOV, size, m, v);
    stack_move(t, -(int32_t)size);
}

void gen_PUSH(struct translate *t, const struct insn *i)
{
    push(t, gen_value(t, i, &i->a), i->opsize);
}

static struct ir_opd selector(struct translate *t, unsigned seg)
{
    struct ir_opd d = ir_new_temp(t->ir);

    gen2(t, IR_SELECTOR, 4, d, ir_none())->aux = (uint8_t)seg;
    return d;
}

void gen_PUSH_seg(struct translate *t, const struct insn *i)
{
    push(t, selector(t, i->a.reg), i->opsize);
}

void gen_MOV_from_seg(struct translate *t, const struct insn *i)
{
    if (i->b.reg > GS) {
        gen_call(t, i); /* #UD */
        return;
    }
    if (i->a.kind == OPD_MEM) {
        struct ir_opd m = gen_mem(t, i, 2, true);

        gen2(t, IR_MOV, 2, m, selector(t, i->b.reg));
        return;
    }
    gen2(t, IR_MOV, i->a.size, ir_reg(i->a.reg), selector(t, i->b.reg));
}

void gen_POP(struct translate *t, const struct insn *i)
{
    unsigned size = i->opsize;

    if (i->a.kind != OPD_REG || i->a.reg == ESP) {
        gen_call(t, i);
        return;
    }

    struct ir_opd m = gen_map(t, SS, stack_offset(t, 0), size, false);

    gen2(t, IR_MOV, size, ir_reg(i->a.reg), m);
    stack_move(t, (int32_t)size);
}

void gen_LEAVE(struct translate *t, const struct insn *i)
{
    unsigned size = i->opsize;

    if (stack_size(t) != 4 || size != 4) {
        gen_call(t, i);
        return;
    }

    struct ir_opd v = gen_copy(t, size, gen_map(t, SS, ir_reg(EBP), size, false));

    gen3(t, IR_LEA, 4, ir_reg(ESP), ir_reg(EBP), ir_none())->imm = 4;
    gen2(t, IR_MOV, 4, ir_reg(EBP), v);
}

/* ---- calls and returns (cpu/op_branch.c) ---- */

static uint32_t target(const struct translate *t, const struct insn *i)
{
    uint32_t eip = gen_next_eip(t, i) + i->imm;

    return i->opsize == 2 ? eip & 0xffff : eip;
}

/* The highest EIP is checked when the block is entered (tb.c). */
static uint32_t reaches(struct translate *t, uint32_t eip)
{
    if (eip > t->max_eip) {
        t->max_eip = eip;
    }
    return eip;
}

static void jump(struct translate *t, uint32_t eip)
{
    ir_add(t->ir, IR_JMP, 4)->imm = reaches(t, eip);
    t->ended = true;
}

/* v: register or temporary, beyond the limit only in code that is not flat. */
static void check_limit(struct translate *t, struct ir_opd v)
{
    if (!(t->block->mode & MODE_FLAT)) {
        gen2(t, IR_CS_LIMIT, 4, ir_none(), v);
    }
}

static void jump_indirect(struct translate *t, struct ir_opd v)
{
    gen2(t, IR_JMP_IND, 4, ir_none(), v);
    t->ended = true;
}

/* Near target in a register or memory, zero-extended. */
static struct ir_opd near_target(struct translate *t, const struct insn *i)
{
    struct ir_opd d = ir_new_temp(t->ir);

    gen2(t, IR_MOVZX, i->opsize, d, gen_source(t, i, &i->a))->aux = 4;
    check_limit(t, d);
    return d;
}

void gen_CALL(struct translate *t, const struct insn *i)
{
    uint32_t to = target(t, i);

    push(t, ir_imm(gen_next_eip(t, i)), i->opsize);
    jump(t, to);
}

void gen_CALL_near(struct translate *t, const struct insn *i)
{
    struct ir_opd to = near_target(t, i);

    push(t, ir_imm(gen_next_eip(t, i)), i->opsize);
    jump_indirect(t, to);
}

void gen_JMP(struct translate *t, const struct insn *i)
{
    jump(t, target(t, i));
}

void gen_JMP_near(struct translate *t, const struct insn *i)
{
    jump_indirect(t, near_target(t, i));
}

void gen_RET(struct translate *t, const struct insn *i)
{
    struct ir_opd to = ir_new_temp(t->ir);
    uint32_t more = i->a.kind == OPD_IMM ? i->imm & 0xffff : 0;

    gen2(t, IR_MOVZX, i->opsize, to, gen_map(t, SS, stack_offset(t, 0), i->opsize, false))->aux = 4;
    check_limit(t, to);
    stack_move(t, (int32_t)(i->opsize + more));
    jump_indirect(t, to);
}

static void jcc(struct translate *t, const struct insn *i)
{
    struct ir_insn *n = ir_add(t->ir, IR_JCC, 4);

    n->cc = i->opcode & 15;
    n->imm = reaches(t, target(t, i));
    n->imm2 = reaches(t, gen_next_eip(t, i));
    t->ended = true;
}

#define CONDITION(cond)                                         \
    void gen_J##cond(struct translate *t, const struct insn *i) \
    {                                                           \
        jcc(t, i);                                              \
    }
CONDITION(O)
CONDITION(NO)
CONDITION(B)
CONDITION(AE)
CONDITION(Z)
CONDITION(NZ)
CONDITION(BE)
CONDITION(A)
CONDITION(S)
CONDITION(NS)
CONDITION(P)
CONDITION(NP)
CONDITION(L)
CONDITION(GE)
CONDITION(LE)
CONDITION(G)

/* `zero`: jumps if the count register is 0, else if it is not. */
static void jump_on_count(struct translate *t, const struct insn *i, bool zero)
{
    uint32_t taken = reaches(t, target(t, i)), next = reaches(t, gen_next_eip(t, i));
    struct ir_insn *n = gen2(t, IR_JNZ, i->addrsize, ir_none(), ir_reg(ECX));

    n->imm = zero ? next : taken;
    n->imm2 = zero ? taken : next;
    t->ended = true;
}

void gen_LOOP(struct translate *t, const struct insn *i)
{
    gen3(t, IR_LEA, i->addrsize, ir_reg(ECX), ir_reg(ECX), ir_none())->imm = ~0u;
    jump_on_count(t, i, false);
}

void gen_JCXZ(struct translate *t, const struct insn *i)
{
    jump_on_count(t, i, true);
}

/* ---- segment registers and EFLAGS: what ends a block, although mostly the next one follows ----
 */

static void go_on(struct translate *t, const struct insn *i)
{
    if (i->index_in_block + 1 == t->block->count) {
        jump(t, gen_next_eip(t, i));
    }
}

static void load_segment(struct translate *t, unsigned seg, struct ir_opd from)
{
    struct ir_opd sel = ir_new_temp(t->ir);

    gen2(t, IR_MOVZX, 2, sel, from)->aux = 4;
    gen2(t, IR_LOADSEG, 4, ir_none(), sel)->aux = (uint8_t)seg;
}

static bool quick_segment(unsigned seg)
{
    return seg == ES || seg == DS || seg == FS || seg == GS;
}

void gen_MOV_to_seg(struct translate *t, const struct insn *i)
{
    if (!quick_segment(i->a.reg)) {
        gen_call(t, i);
        return;
    }
    load_segment(t, i->a.reg, i->b.kind == OPD_MEM ? gen_mem(t, i, 2, false) : ir_reg(i->b.reg));
    go_on(t, i);
}

void gen_POP_seg(struct translate *t, const struct insn *i)
{
    if (!quick_segment(i->a.reg)) {
        gen_call(t, i);
        return;
    }
    load_segment(t, i->a.reg, gen_map(t, SS, stack_offset(t, 0), i->opsize, false));
    stack_move(t, i->opsize);
    go_on(t, i);
}

void gen_PUSHF(struct translate *t, const struct insn *i)
{
    struct ir_opd m = gen_map(t, SS, stack_offset(t, -(int32_t)i->opsize), i->opsize, true), image;

    image = ir_new_temp(t->ir);
    gen2(t, IR_GETFLAGS, 4, image, ir_none());
    gen2(t, IR_MOV, i->opsize, m, image);
    stack_move(t, -(int32_t)i->opsize);
}

void gen_POPF(struct translate *t, const struct insn *i)
{
    if (i->opsize != 4) {
        gen_call_next(t, i);
        return;
    }

    struct ir_opd image = gen_copy(t, 4, gen_map(t, SS, stack_offset(t, 0), 4, false));

    gen2(t, IR_PUTFLAGS, 4, ir_none(), image);
    stack_move(t, 4);
    go_on(t, i);
}

void gen_CLI(struct translate *t, const struct insn *i)
{
    ir_add(t->ir, IR_CLI, 4);
    go_on(t, i);
}

void gen_STI(struct translate *t, const struct insn *i)
{
    ir_add(t->ir, IR_STI, 4);
    go_on(t, i);
}
