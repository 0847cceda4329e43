/* SPDX-License-Identifier: MIT */
/*
 * What the interpreter does for translated code: what is rare, what changes the mode, and what is
 * all checks.
 */
#include "tcg/gen.h"

#define CALL(name)                                             \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        gen_call(t, i);                                        \
    }

/* Those of them that end a block only because something may be due behind them. */
#define NEXT(name)                                             \
    void gen_##name(struct translate *t, const struct insn *i) \
    {                                                          \
        gen_call_next(t, i);                                   \
    }

/* clang-format off */
CALL(CMPXCHG8B) CALL(DAA) CALL(DAS) CALL(AAA) CALL(AAS) CALL(AAM) CALL(AAD) 
CALL(SAHF) CALL(LAHF) NEXT(INS) NEXT(OUTS) CALL(PUSHA) CALL(POPA) 
CALL(ENTER) CALL(LOOPNE) CALL(LOOPE) CALL(CALL_far_imm)
CALL(JMP_far_imm) CALL(CALL_far_mem) CALL(JMP_far_mem) CALL(RETF) CALL(RETF_imm) CALL(IRET)
CALL(INT3) CALL(INT_imm) CALL(INTO) CALL(ICEBP) CALL(SYSENTER) CALL(SYSEXIT) CALL(CMC)
NEXT(IN) NEXT(OUT) CALL(SLDT) CALL(STR) CALL(LLDT) CALL(LTR) CALL(VERR) CALL(VERW)
CALL(SGDT) CALL(SIDT) CALL(LGDT) CALL(LIDT) CALL(SMSW) CALL(LMSW) CALL(INVLPG) CALL(LAR)
CALL(LSL) CALL(ARPL) NEXT(CLTS) CALL(INVD) CALL(WBINVD) CALL(MOV_from_CR) CALL(MOV_to_CR)
CALL(MOV_from_DR) CALL(MOV_to_DR) CALL(MOV_from_TR) CALL(MOV_to_TR) CALL(WRMSR) NEXT(RDTSC)
NEXT(RDMSR) CALL(RDPMC) CALL(CPUID) CALL(HLT) CALL(BOUND) CALL(LES) CALL(LDS) CALL(LSS) CALL(LFS)
CALL(LGS) CALL(UD) CALL(FXSAVE) CALL(FXRSTOR) CALL(CLFLUSH)

    /* clang-format on */
