/* SPDX-License-Identifier: MIT */
/*
 * How the x86-64 back end uses the host's registers, and what its files share.
 *
 *   rax rcx rdx rbx r15 rbp rsi rdi   the guest's eax..edi, upper halves 0: so AH..BH, CL and the
 *                                     implicit operands of MUL, DIV, CDQ are where they belong
 *   r8 r9 r10      temporaries        r11   scratch of one operation
 *   r10            the distance that SHARE looked up, while it is in force
 *   r12d           instructions left before the run loop must look around
 *   r13            the current shadow page table        r14   struct cpu
 *   rsp            16-byte aligned
 */
#ifndef TCG_X64_EMIT_H
#define TCG_X64_EMIT_H

#include "tcg/backend.h"
#include "tcg/codebuf.h"
#include "tcg/ir.h"
#include "tcg/x64/asm.h"

#define REG_CPU     R14
#define REG_SHADOW  R13
#define REG_BUDGET  R12
#define REG_SCRATCH R11
#define REG_SHARED  R10

static const uint8_t x64_guest[8] = {RAX, RCX, RDX, RBX, R15, RBP, RSI, RDI};
static const uint8_t x64_temp[3] = {R8, R9, R10};

/* Shared pieces; each keeps every guest register and temporary unless it says otherwise. */
enum x64_glue {
    GLUE_ENTER,        /* C: (cpu, code) */
    GLUE_EXIT,         /* jumped to, r11 = exit's id or 0 */
    GLUE_CALL,         /* called, r11 = guest instruction; not the temporaries */
    GLUE_CALL_NEXT,    /* the same */
    GLUE_CALL_END,     /* jumped to, r11 = guest instruction */
    GLUE_X87_ENTER,    /* the same */
    GLUE_SSE_ENTER,    /* the same */
    GLUE_LOAD_SEGMENT, /* called with its argument in r11; host flags: Z if it bails */
    GLUE_PUT_FLAGS,    /* the same */
    GLUE_FLAGS,        /* called: host flags and r11 = the guest's */
    GLUE_CARRY,        /* called */
    GLUE_QUOTIENT,     /* called */
};

/* A way out of the hot path, emitted behind it. */
enum cold_kind {
    COLD_BAIL, /* the interpreter runs the instruction */
    COLD_MAP,  /* tries again as an unaligned access within a page, then bails */
    COLD_X87,  /* enters the x87 state */
    COLD_SSE,
    COLD_FLAGS, /* FLOAD by the slow way */
    COLD_CARRY,
    COLD_JUMP,  /* to EIP `d`, by the run loop */
    COLD_SHARE, /* goes on in the second copy */
};

struct cold {
    enum cold_kind kind;
    const struct ir_insn *i;
    uint8_t *from[3]; /* displacements of the jumps that come here */
    uint8_t *back;    /* write address in the hot path; NULL: the start of the next instruction */
    uint16_t insn;
    uint8_t d, lin; /* COLD_MAP: host registers */
    bool second;    /* it belongs to the second copy */
    bool x87_noted; /* what struct emit said there */
    uint32_t x87_eip, x87_fop;
};

#define X64_THUNK 32u /* bytes that a checked link takes */

/* A predicted jump is CMP with a constant, JNE, JMP: before the JMP's displacement, in bytes. */
#define X64_PREDICTED_EIP  11
#define X64_PREDICTED_MISS 5

#define COLDS 1024

struct emit {
    struct x64_asm a;
    struct codebuf *buf;
    struct backend_job *job;
    uint8_t temp[IR_TEMPS];  /* host register, or NOREG */
    uint16_t last[IR_TEMPS]; /* index of the operation that uses it last */
    unsigned busy;           /* bit per x64_temp */
    unsigned at;             /* index of the current operation */
    uint8_t *insn_start[65]; /* write address, by guest instruction */
    /*
     * A block with SHARE is there twice: the second copy begins with the instruction of the first
     * SHARE and looks up each access. Who leaves the first copy comes back there.
     */
    bool twice, second;        /* it is; this is the second */
    unsigned second_at;        /* index of the INSN that it begins with */
    uint8_t *second_start[65]; /* write address, by guest instruction */
    unsigned shared_until;     /* guest instruction; while SHARE is in force */
    bool sharing;
    struct {
        uint8_t base;
        int32_t disp;
    } shared[IR_TEMPS]; /* by temporary of a shared look-up: what stands for its address */
    struct cold cold[COLDS];
    unsigned colds;
    /* The last x87 instruction, and whether its address was stored. */
    bool x87_noted;
    uint32_t x87_eip, x87_fop;
    uint8_t exit_to[BACKEND_EXITS]; /* the host register with its EIP, or NOREG */
    bool full;                      /* something did not fit: give the block up */
    /* x87_noted and the rest where the second copy begins. */
    bool second_noted;
    uint32_t second_eip, second_fop;
};

#endif
