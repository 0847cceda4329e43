/* SPDX-License-Identifier: MIT */
/*
 * Drops operations without effect: a temporary that nobody uses, flags that nobody looks at.
 */
#include <string.h>

#include "tcg/opt.h"

static void use(struct ir_opd x, bool *used)
{
    if (x.kind == IRK_TMP || x.kind == IRK_MEM) {
        used[x.reg] = true;
    }
    if (x.kind == IRK_MEM && x.lin_kind == IRK_TMP) {
        used[x.lin] = true;
    }
}

static bool wanted(const struct ir_insn *i, const bool *used)
{
    if ((i->op == IR_CMP || i->op == IR_TEST || i->op == IR_BT) && !i->live) {
        return false;
    }
    return !(ir_info[i->op].effects & IRE_PURE) || i->d.kind != IRK_TMP || used[i->d.reg];
}

void opt_dce(struct ir_block *b)
{
    bool used[IR_TEMPS] = {false};
    unsigned to = b->count;

    for (unsigned k = b->count; k-- > 0;) {
        struct ir_insn *i = &b->insn[k];

        if (i->op == IR_INSN) {
            memset(used, 0, sizeof(used));
        }
        if (!wanted(i, used)) {
            continue;
        }
        if (i->d.kind == IRK_MEM) {
            use(i->d, used);
        }
        use(i->a, used);
        use(i->b, used);
        if (i->op == IR_FSAVE) {
            use(i->c, used);
        }
        b->insn[--to] = *i;
    }
    memmove(b->insn, b->insn + to, (b->count - to) * sizeof(*b->insn));
    b->count -= to;
}
