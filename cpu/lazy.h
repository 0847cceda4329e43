/* SPDX-License-Identifier: MIT */
/*
 * Status flags that translated code left unevaluated: what made them, and its operands. They win
 * over lf_res and lf_aux until flags_settle() turns them into those; everything outside translated
 * code sees settled flags only.
 *
 * An instruction that changes just CF, or CF and OF, lies over what was there before: `over`.
 */
#ifndef CPU_LAZY_H
#define CPU_LAZY_H

#include <stdint.h>

enum lazy_kind {
    LAZY_NONE,  /* lf_res and lf_aux are right */
    LAZY_CMP,   /* a - b */
    LAZY_SUB,   /* a is the result of subtracting b */
    LAZY_ADD,   /* a is the result of adding b */
    LAZY_ADC,   /* a + b + carry = r */
    LAZY_SBB,   /* a - b - borrow = r */
    LAZY_LOGIC, /* a is the result */
    LAZY_TEST,  /* a & b */
    LAZY_INC,   /* a is the result; CF lies over it */
    LAZY_DEC,   /* the same */
    LAZY_NEG,   /* a is the result */
    LAZY_SHL,   /* a shifted by b */
    LAZY_SHR,
    LAZY_SAR,
    LAZY_SHLD, /* a with b shifted in by r (size 4) */
    LAZY_SHRD,
    LAZY_BSF, /* a is the source */
    LAZY_BSR,
    LAZY_EFLAGS, /* a has the flags where EFLAGS has them */
    LAZY_KINDS
};

enum lazy_over {
    OVER_NONE,
    OVER_CF,    /* cf */
    OVER_CF_OF, /* cf, of */
    OVER_ROL,   /* CF and OF as ROL leaves them with the result over_val */
    OVER_ROR
};

/* size in bytes: 1, 2, 4 */
#define LAZY(kind, size) ((unsigned)(kind) << 2 | (size) >> 1)
#define LAZY_SIZE(k)     (1u << ((k)&3))

struct lazy_flags {
    uint16_t kind; /* LAZY(), and the same for over: written together as one dword */
    uint16_t over;
    uint32_t a, b, r, over_val;
    uint8_t cf, of;
};

#endif
