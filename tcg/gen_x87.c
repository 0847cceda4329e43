/* SPDX-License-Identifier: MIT */
/*
 * x87: twin of cpu/op_x87.c and cpu/x87_state.c. While its state is in the host's x87 a guest
 * instruction is the same one there; that is so only as long as all of its exceptions are masked.
 *
 * What hosts round differently (transcendentals, remainders by steps), environments, and rare
 * forms go to the interpreter.
 */
#include "tcg/gen.h"

static void enter(struct translate *t)
{
    if (!t->x87) {
        gen2(t, IR_X87_ENTER, 4, ir_none(), ir_none());
        t->x87 = true;
    }
}

static const struct operand *memory(const struct insn *i)
{
    return i->a.kind == OPD_MEM ? &i->a : i->b.kind == OPD_MEM ? &i->b : NULL;
}

/* Control instructions leave the last instruction's address as it is. */
static struct ir_insn *x87(struct translate *t, const struct insn *i, enum ir_op op, bool control)
{
    const struct operand *m = memory(i);
    struct ir_opd ea = ir_none(), a = ir_none();

    enter(t);
    if (m) {
        ea = gen_ea(t, i);
        a = gen_map(t, i->seg, ea, m->size, m == &i->a && op != IR_X87_CW);
        if (!control) {
            gen2(t, IR_X87_DATA, 4, ir_none(), ea)->aux = i->seg;
        }
    }

    struct ir_insn *n = gen2(t, op, m ? m->size : 4, ir_none(), a);

    n->imm = (uint32_t)i->opcode << 8 | i->modrm;
    n->imm2 = t->block->eip + i->off;
    n->aux = control;
    return n;
}

#define NATIVE(name)                                           \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        x87(t, i, IR_X87, false);                              \
    }
#define CONTROL(name)                                          \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        x87(t, i, IR_X87, true);                               \
    }
#define FLAGS(name)                                            \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        x87(t, i, IR_X87_FLAGS, false);                        \
    }
/* cc: as of Jcc */
#define FCMOV(name, cond)                                      \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        x87(t, i, IR_X87_CMOV, false)->cc = cond;              \
    }
#define CALL(name)                                             \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        gen_call(t, i);                                        \
    }

void gen_FLDCW(struct translate *t, const struct insn *i)
{
    x87(t, i, IR_X87_CW, true);
}

/* FNSTSW AX writes a register. */
void gen_FNSTSW(struct translate *t, const struct insn *i)
{
    struct ir_insn *n = x87(t, i, IR_X87, true);

    if (i->a.kind == OPD_REG) {
        n->d = ir_reg(EAX);
        n->size = 2;
    }
}

/* Nothing is pending while every exception is masked. */
void gen_WAIT(struct translate *t, const struct insn *i)
{
    (void)i;
    enter(t);
}

/* clang-format off */
CONTROL(FNSTCW)
FLAGS(FCOMI) FLAGS(FUCOMI) FLAGS(FCOMIP) FLAGS(FUCOMIP)
FCMOV(FCMOVB, 2) FCMOV(FCMOVE, 4) FCMOV(FCMOVBE, 6) FCMOV(FCMOVU, 10)
FCMOV(FCMOVNB, 3) FCMOV(FCMOVNE, 5) FCMOV(FCMOVNBE, 7) FCMOV(FCMOVNU, 11)
NATIVE(FADD_m32) NATIVE(FMUL_m32) NATIVE(FCOM_m32) NATIVE(FCOMP_m32) NATIVE(FSUB_m32)
NATIVE(FSUBR_m32) NATIVE(FDIV_m32) NATIVE(FDIVR_m32) NATIVE(FADD_st0_sti) NATIVE(FMUL_st0_sti)
NATIVE(FCOM_sti) NATIVE(FCOMP_sti) NATIVE(FSUB_st0_sti) NATIVE(FSUBR_st0_sti)
NATIVE(FDIV_st0_sti) NATIVE(FDIVR_st0_sti) NATIVE(FLD_m32) NATIVE(FLD_sti) NATIVE(FXCH)
NATIVE(FST_m32) NATIVE(FSTP_m32) NATIVE(FCHS) NATIVE(FABS) NATIVE(FTST) NATIVE(FXAM) NATIVE(FLD1)
NATIVE(FLDL2T) NATIVE(FLDL2E) NATIVE(FLDPI) NATIVE(FLDLG2) NATIVE(FLDLN2) NATIVE(FLDZ)
NATIVE(FDECSTP) NATIVE(FINCSTP) NATIVE(FSQRT) NATIVE(FRNDINT) NATIVE(FIADD_m32) NATIVE(FIMUL_m32)
NATIVE(FICOM_m32) NATIVE(FICOMP_m32) NATIVE(FISUB_m32) NATIVE(FISUBR_m32) NATIVE(FIDIV_m32)
NATIVE(FIDIVR_m32) NATIVE(FUCOMPP) NATIVE(FILD_m32) NATIVE(FISTTP_m32) NATIVE(FIST_m32)
NATIVE(FISTP_m32) NATIVE(FLD_m80) NATIVE(FSTP_m80) NATIVE(FADD_m64) NATIVE(FMUL_m64)
NATIVE(FCOM_m64) NATIVE(FCOMP_m64) NATIVE(FSUB_m64) NATIVE(FSUBR_m64) NATIVE(FDIV_m64)
NATIVE(FDIVR_m64) NATIVE(FADD_sti_st0) NATIVE(FMUL_sti_st0) NATIVE(FSUBR_sti_st0)
NATIVE(FSUB_sti_st0) NATIVE(FDIVR_sti_st0) NATIVE(FDIV_sti_st0) NATIVE(FLD_m64)
NATIVE(FISTTP_m64) NATIVE(FST_m64) NATIVE(FSTP_m64) NATIVE(FFREE) NATIVE(FST_sti)
NATIVE(FSTP_sti) NATIVE(FUCOM) NATIVE(FUCOMP) NATIVE(FIADD_m16) NATIVE(FIMUL_m16)
NATIVE(FICOM_m16) NATIVE(FICOMP_m16) NATIVE(FISUB_m16) NATIVE(FISUBR_m16) NATIVE(FIDIV_m16)
NATIVE(FIDIVR_m16) NATIVE(FADDP) NATIVE(FMULP) NATIVE(FCOMPP) NATIVE(FSUBRP) NATIVE(FSUBP)
NATIVE(FDIVRP) NATIVE(FDIVP) NATIVE(FILD_m16) NATIVE(FISTTP_m16) NATIVE(FIST_m16)
NATIVE(FISTP_m16) NATIVE(FILD_m64) NATIVE(FISTP_m64) NATIVE(FFREEP)
CALL(FNOP) CALL(FSTP_nocheck) CALL(FLDENV) CALL(FNSTENV) CALL(F2XM1) CALL(FYL2X) CALL(FPTAN)
CALL(FPATAN) CALL(FXTRACT) CALL(FPREM1) CALL(FPREM) CALL(FYL2XP1) CALL(FSINCOS) CALL(FSCALE)
CALL(FSIN) CALL(FCOS) CALL(FNENI) CALL(FNDISI) CALL(FNCLEX) CALL(FNINIT) CALL(FNSETPM)
CALL(FRSTOR) CALL(FNSAVE) CALL(FBLD) CALL(FBSTP)
    /* clang-format on */
