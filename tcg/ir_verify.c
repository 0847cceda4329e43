/* SPDX-License-Identifier: MIT */
/*
 * Checks a block against the rules of ir.def: operand kinds, sizes, temporaries defined before they
 * are used and within one guest instruction, bails before changes, one exit at the end.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "tcg/ir.h"

static bool fits(char letter, enum ir_kind kind)
{
    switch (letter) {
    case 'R': return kind == IRK_REG;
    case 'T': return kind == IRK_TMP;
    case 'V': return kind == IRK_REG || kind == IRK_TMP;
    case 'I': return kind == IRK_IMM;
    case 'M': return kind == IRK_MEM;
    case 'W': return kind == IRK_REG || kind == IRK_TMP || kind == IRK_MEM;
    case 'X': return kind == IRK_REG || kind == IRK_TMP || kind == IRK_IMM;
    case 'Y': return kind != IRK_NONE;
    case '_': return kind == IRK_NONE;
    default: return true;
    }
}

static bool known(struct ir_opd x, const bool *defined)
{
    if ((x.kind == IRK_TMP || x.kind == IRK_MEM) && (x.reg >= IR_TEMPS || !defined[x.reg])) {
        return false;
    }
    if (x.kind == IRK_REG) {
        return x.reg < 8;
    }
    return x.kind != IRK_MEM || x.lin_kind != IRK_TMP || (x.lin < IR_TEMPS && defined[x.lin]);
}

/* What changes the guest's state: a bail may not follow it in one guest instruction. */
static bool changes(const struct ir_insn *i)
{
    return i->d.kind == IRK_REG || i->d.kind == IRK_MEM;
}

static const char *check(const struct ir_insn *i, bool *defined, bool *changed)
{
    const struct ir_info *info = &ir_info[i->op];

    if (i->op == IR_INSN) {
        memset(defined, 0, IR_TEMPS * sizeof(*defined));
        *changed = false;
        return NULL;
    }
    if (!fits(info->operand[0], i->d.kind) || !fits(info->operand[1], i->a.kind) ||
        !fits(info->operand[2], i->b.kind)) {
        return "an operand of the wrong kind";
    }
    if (!known(i->a, defined) || !known(i->b, defined) ||
        ((i->d.kind == IRK_MEM || (info->effects & IRE_RMW)) && !known(i->d, defined))) {
        return "a temporary that was not computed";
    }
    if (i->live & ~info->written) {
        return "it does not write flags that are wanted of it";
    }
    if ((info->effects & IRE_RMW) && !ir_same(i->d, i->a)) {
        return "d and a must be the same";
    }
    if ((info->effects & IRE_BAILS) && *changed) {
        return "a bail behind a change";
    }
    if (i->d.kind == IRK_TMP) {
        defined[i->d.reg] = true;
    }
    *changed |= changes(i);
    return NULL;
}

char *ir_verify(const struct ir_block *b)
{
    bool defined[IR_TEMPS] = {false}, changed = false;
    char *text = NULL;

    for (unsigned k = 0; k < b->count; k++) {
        const struct ir_insn *i = &b->insn[k];
        bool last = k + 1 == b->count, exits = ir_info[i->op].effects & IRE_EXITS;
        const char *wrong = i->op >= IR_OPS ? "no such operation" : check(i, defined, &changed);

        if (!wrong && exits != last) {
            wrong = last ? "the last operation is no exit" : "an exit that is not the last";
        }
        if (wrong) {
            if (asprintf(&text, "operation %u (%s): %s", k, ir_info[i->op].name, wrong) < 0) {
                abort();
            }
            return text;
        }
    }
    return NULL;
}
