/* SPDX-License-Identifier: MIT */
/*
 * MMX, SSE, SSE2: twin of cpu/op_mmx.c, op_sse.c and op_sse_int.c. The guest's XMM0-7 are in the
 * host's while translated code runs, and the MMX registers with the x87's: an instruction is the
 * same one there, as long as all exceptions of MXCSR are masked.
 *
 * Approximations, which differ between hosts, and what uses both register files go to the
 * interpreter.
 */
#include "tcg/gen.h"

static void enter(struct translate *t, bool mmx)
{
    if (mmx && !t->x87) {
        gen2(t, IR_X87_ENTER, 4, ir_none(), ir_none());
        t->x87 = true;
    } else if (!mmx && !t->sse) {
        gen2(t, IR_SSE_ENTER, 4, ir_none(), ir_none());
        t->sse = true;
    }
}

static const struct operand *memory(const struct insn *i)
{
    return i->a.kind == OPD_MEM ? &i->a : i->b.kind == OPD_MEM ? &i->b : NULL;
}

/* Which ModRM fields name general registers: letters G and E of the row. */
static bool general(const struct insn *i, char letter)
{
    const struct insn_info *info = &insn_info[i->row];

    return info->operands[0][0] == letter || info->operands[1][0] == letter;
}

static void simd(struct translate *t, const struct insn *i, enum ir_op op, bool mmx)
{
    const struct insn_info *info = &insn_info[i->row];
    const struct operand *m = memory(i);
    bool reg_general = general(i, 'G'), rm_general = !m && general(i, 'E');
    struct ir_opd a = ir_reg(i->modrm & 7), b = ir_none(), d = ir_none();

    enter(t, mmx);
    if (m) {
        struct ir_opd dist;

        a = gen_map(t, i->seg, gen_ea(t, i), m->size, m == &i->a);
        dist = ir_tmp(a.reg);
        for (unsigned k = t->ir->count; k-- > 0;) {
            struct ir_insn *n = &t->ir->insn[k];

            if ((n->op == IR_MAPR || n->op == IR_MAPW) && n->d.reg == dist.reg) {
                n->aux = (info->attr & A_ALIGN16) != 0;
                break;
            }
        }
    }
    if (i->c.kind == OPD_IMM || i->b.kind == OPD_IMM) {
        b = ir_imm(i->imm & 0xff);
    }
    if (i->a.kind == OPD_REG) { /* a general register is written */
        d = ir_reg(i->a.reg);
    }

    struct ir_insn *n = gen3(t, op, 4, op == IR_SSE ? d : ir_none(), a, b);

    n->imm = info->opcode;
    n->aux = i->modrm >> 3 & 7;
    n->cc = (uint8_t)(reg_general | rm_general << 1);
}

#define SSE(name)                                              \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        simd(t, i, IR_SSE, false);                             \
    }
#define MMX(name)                                              \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        simd(t, i, IR_SSE, true);                              \
    }
#define FLAGS(name)                                            \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        simd(t, i, IR_SSE_FLAGS, false);                       \
    }
#define CALL(name)                                             \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        gen_call(t, i);                                        \
    }

void gen_MOVNTI(struct translate *t, const struct insn *i)
{
    struct ir_opd a = gen_mem(t, i, 4, true);

    gen2(t, IR_MOV, 4, a, ir_reg(i->b.reg));
}

/* clang-format off */
FLAGS(UCOMISS) FLAGS(UCOMISD) FLAGS(COMISS) FLAGS(COMISD)
SSE(MOVUPS) SSE(MOVUPD) SSE(MOVSS) SSE(MOVSD) SSE(MOVLPS) SSE(MOVHLPS) SSE(MOVHPS) SSE(MOVLHPS)
SSE(MOVLPD) SSE(MOVHPD) SSE(MOVAPS) SSE(MOVAPD) SSE(MOVNTPS) SSE(MOVNTPD) SSE(MOVMSKPS)
SSE(MOVMSKPD) SSE(ANDPS) SSE(ANDPD) SSE(ANDNPS) SSE(ANDNPD) SSE(ORPS) SSE(ORPD) SSE(XORPS)
SSE(XORPD) SSE(UNPCKLPS) SSE(UNPCKLPD) SSE(UNPCKHPS) SSE(UNPCKHPD) SSE(SHUFPS) SSE(SHUFPD)
SSE(ADDPS) SSE(ADDPD) SSE(ADDSS) SSE(ADDSD) SSE(MULPS) SSE(MULPD) SSE(MULSS) SSE(MULSD)
SSE(SUBPS) SSE(SUBPD) SSE(SUBSS) SSE(SUBSD) SSE(MINPS) SSE(MINPD) SSE(MINSS) SSE(MINSD)
SSE(DIVPS) SSE(DIVPD) SSE(DIVSS) SSE(DIVSD) SSE(MAXPS) SSE(MAXPD) SSE(MAXSS) SSE(MAXSD)
SSE(SQRTPS) SSE(SQRTPD) SSE(SQRTSS) SSE(SQRTSD) SSE(CMPPS) SSE(CMPPD) SSE(CMPSS) SSE(CMPSD)
SSE(CVTSI2SS) SSE(CVTSI2SD) SSE(CVTTSS2SI) SSE(CVTSS2SI) SSE(CVTTSD2SI) SSE(CVTSD2SI)
SSE(CVTPS2PD) SSE(CVTPD2PS) SSE(CVTSS2SD) SSE(CVTSD2SS) SSE(CVTDQ2PS) SSE(CVTPS2DQ)
SSE(CVTTPS2DQ) SSE(CVTDQ2PD) SSE(CVTTPD2DQ) SSE(CVTPD2DQ) SSE(PUNPCKLBW_xmm) SSE(PUNPCKLWD_xmm)
SSE(PUNPCKLDQ_xmm) SSE(PACKSSWB_xmm) SSE(PCMPGTB_xmm) SSE(PCMPGTW_xmm) SSE(PCMPGTD_xmm)
SSE(PACKUSWB_xmm) SSE(PUNPCKHBW_xmm) SSE(PUNPCKHWD_xmm) SSE(PUNPCKHDQ_xmm) SSE(PACKSSDW_xmm)
SSE(PCMPEQB_xmm) SSE(PCMPEQW_xmm) SSE(PCMPEQD_xmm) SSE(PSRLW_xmm) SSE(PSRLD_xmm) SSE(PSRLQ_xmm)
SSE(PADDQ_xmm) SSE(PMULLW_xmm) SSE(PSUBUSB_xmm) SSE(PSUBUSW_xmm) SSE(PMINUB_xmm) SSE(PAND_xmm)
SSE(PADDUSB_xmm) SSE(PADDUSW_xmm) SSE(PMAXUB_xmm) SSE(PANDN_xmm) SSE(PAVGB_xmm) SSE(PSRAW_xmm)
SSE(PSRAD_xmm) SSE(PAVGW_xmm) SSE(PMULHUW_xmm) SSE(PMULHW_xmm) SSE(PSUBSB_xmm) SSE(PSUBSW_xmm)
SSE(PMINSW_xmm) SSE(POR_xmm) SSE(PADDSB_xmm) SSE(PADDSW_xmm) SSE(PMAXSW_xmm) SSE(PXOR_xmm)
SSE(PSLLW_xmm) SSE(PSLLD_xmm) SSE(PSLLQ_xmm) SSE(PMULUDQ_xmm) SSE(PMADDWD_xmm) SSE(PSADBW_xmm)
SSE(PSUBB_xmm) SSE(PSUBW_xmm) SSE(PSUBD_xmm) SSE(PSUBQ_xmm) SSE(PADDB_xmm) SSE(PADDW_xmm)
SSE(PADDD_xmm) SSE(PUNPCKLQDQ) SSE(PUNPCKHQDQ) SSE(PSRLDQ) SSE(PSLLDQ) SSE(PSHUFD) SSE(PSHUFHW)
SSE(PSHUFLW) SSE(PINSRW_xmm) SSE(PEXTRW_xmm) SSE(PMOVMSKB_xmm) SSE(MOVD_xmm) SSE(MOVQ_xmm)
SSE(MOVDQA) SSE(MOVDQU) SSE(MOVNTDQ)
MMX(PUNPCKLBW_mmx) MMX(PUNPCKLWD_mmx) MMX(PUNPCKLDQ_mmx) MMX(PACKSSWB_mmx) MMX(PCMPGTB_mmx)
MMX(PCMPGTW_mmx) MMX(PCMPGTD_mmx) MMX(PACKUSWB_mmx) MMX(PUNPCKHBW_mmx) MMX(PUNPCKHWD_mmx)
MMX(PUNPCKHDQ_mmx) MMX(PACKSSDW_mmx) MMX(PCMPEQB_mmx) MMX(PCMPEQW_mmx) MMX(PCMPEQD_mmx)
MMX(PSRLW_mmx) MMX(PSRLD_mmx) MMX(PSRLQ_mmx) MMX(PADDQ_mmx) MMX(PMULLW_mmx) MMX(PSUBUSB_mmx)
MMX(PSUBUSW_mmx) MMX(PMINUB_mmx) MMX(PAND_mmx) MMX(PADDUSB_mmx) MMX(PADDUSW_mmx) MMX(PMAXUB_mmx)
MMX(PANDN_mmx) MMX(PAVGB_mmx) MMX(PSRAW_mmx) MMX(PSRAD_mmx) MMX(PAVGW_mmx) MMX(PMULHUW_mmx)
MMX(PMULHW_mmx) MMX(PSUBSB_mmx) MMX(PSUBSW_mmx) MMX(PMINSW_mmx) MMX(POR_mmx) MMX(PADDSB_mmx)
MMX(PADDSW_mmx) MMX(PMAXSW_mmx) MMX(PXOR_mmx) MMX(PSLLW_mmx) MMX(PSLLD_mmx) MMX(PSLLQ_mmx)
MMX(PMULUDQ_mmx) MMX(PMADDWD_mmx) MMX(PSADBW_mmx) MMX(PSUBB_mmx) MMX(PSUBW_mmx) MMX(PSUBD_mmx)
MMX(PSUBQ_mmx) MMX(PADDB_mmx) MMX(PADDW_mmx) MMX(PADDD_mmx) MMX(MOVD_mmx) MMX(MOVQ_mmx) MMX(EMMS)
MMX(PSHUFW_mmx) MMX(PINSRW_mmx) MMX(PEXTRW_mmx) MMX(PMOVMSKB_mmx)
CALL(MOVNTQ) CALL(MASKMOVQ) CALL(RSQRTPS) CALL(RSQRTSS) CALL(RCPPS) CALL(RCPSS) CALL(CVTPI2PS)
CALL(CVTPI2PD) CALL(CVTTPS2PI) CALL(CVTPS2PI) CALL(CVTTPD2PI) CALL(CVTPD2PI) CALL(LDMXCSR)
CALL(STMXCSR) CALL(MOVQ2DQ) CALL(MOVDQ2Q) CALL(MASKMOVDQU)
    /* clang-format on */
