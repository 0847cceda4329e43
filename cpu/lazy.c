/* SPDX-License-Identifier: MIT */
/*
 * Evaluates the flags that translated code left behind, by the interpreter's own formulas.
 */
#include "cpu/lazy.h"

#include "cpu/flags.h"

static void settle_kind(struct cpu *c, const struct lazy_flags *l)
{
    unsigned n = LAZY_SIZE(l->kind);

    switch (l->kind >> 2) {
    case LAZY_CMP: flags_sub(c, l->a, l->b, l->a - l->b, n); break;
    case LAZY_SUB: flags_sub(c, l->a + l->b, l->b, l->a, n); break;
    case LAZY_ADD: flags_add(c, l->a - l->b, l->b, l->a, n); break;
    case LAZY_ADC: flags_add(c, l->a, l->b, l->r, n); break;
    case LAZY_SBB: flags_sub(c, l->a, l->b, l->r, n); break;
    case LAZY_LOGIC: flags_logic(c, l->a, n); break;
    case LAZY_TEST: flags_logic(c, l->a & l->b, n); break;
    case LAZY_INC: flags_add(c, l->a - 1, 1, l->a, n); break;
    case LAZY_DEC: flags_sub(c, l->a + 1, 1, l->a, n); break;
    case LAZY_NEG: flags_sub(c, 0, 0u - l->a, l->a, n); break;
    case LAZY_SHL: flags_shl(c, l->a & ~0u >> (32 - 8 * n), l->b & 31, n); break;
    case LAZY_SHR: flags_shr(c, l->a & ~0u >> (32 - 8 * n), l->b & 31, n); break;
    case LAZY_SAR: flags_sar(c, l->a, l->b & 31, n); break;
    case LAZY_SHLD: flags_shld(c, l->a, l->b, l->r & 31); break;
    case LAZY_SHRD: flags_shrd(c, l->a, l->b, l->r & 31); break;
    case LAZY_BSF: flags_scan(c, l->a & ~0u >> (32 - 8 * n), false); break;
    case LAZY_BSR: flags_scan(c, l->a & ~0u >> (32 - 8 * n), true); break;
    case LAZY_EFLAGS: flags_set(c, l->a); break;
    default: break;
    }
}

void flags_settle_lazy(struct cpu *c)
{
    struct lazy_flags *l = &c->lazy;
    unsigned top = 8 * LAZY_SIZE(l->over) - 1;
    uint32_t v = l->over_val, sign = v >> top & 1;

    settle_kind(c, l);
    switch (l->over >> 2) {
    case OVER_CF: flags_set_cf(c, l->cf & 1); break;
    case OVER_CF_OF: flags_set_cf_of(c, l->cf & 1, l->of & 1); break;
    case OVER_ROL: flags_set_cf_of(c, v & 1, (v & 1) ^ sign); break;
    case OVER_ROR: flags_set_cf_of(c, sign, sign ^ (v >> (top - 1) & 1)); break;
    default: break;
    }
    l->kind = l->over = 0;
}
