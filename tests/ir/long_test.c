/* SPDX-License-Identifier: MIT */
/* Blocks longer than any guest makes: the passes leave nothing out. */
#include <stdlib.h>

#include "tcg/opt.h"
#include "tests/unit/check.h"

#define ADDS 5000u

static void flags_of_a_long_block(void)
{
    struct ir_block b;
    unsigned live = 0, adds = 0;

    ir_init(&b);
    ir_add(&b, IR_INSN, 4);
    for (unsigned k = 0; k < ADDS; k++) {
        struct ir_insn *i = ir_add(&b, IR_ADD, 4);

        i->d = i->a = ir_reg(0);
        i->b = ir_reg(1);
    }
    ir_add(&b, IR_JMP, 4)->imm = 0x100;
    opt_flags(&b, true);
    for (unsigned k = 0; k < b.count; k++) {
        if (b.insn[k].op == IR_ADD) {
            adds++;
            live += b.insn[k].live != 0;
        }
    }
    CHECK_EQ(adds, ADDS);
    CHECK_EQ(live, 1); /* the last one's */
    CHECK(b.flags_count == 1 && b.insn[b.count - 1].flags == 0);

    char *wrong = ir_check_text(&b);

    CHECK(!wrong);
    free(wrong);
    ir_free(&b);
}

/* A description that text cannot tell apart would be seen: the comparison is by fields. */
static void what_differs_is_not_the_same(void)
{
    struct ir_block b, c;

    ir_init(&b);
    ir_init(&c);
    ir_add(&b, IR_JMP, 4);
    ir_add(&c, IR_JMP, 4);
    CHECK(ir_same_block(&b, &c));
    b.entry = (struct ir_flags){.base = true, .kind = 6, .a = ir_reg(0), .b = ir_imm(5)};
    CHECK(!ir_same_block(&b, &c));
    c.entry = b.entry;
    CHECK(ir_same_block(&b, &c));
    c.entry.b = ir_imm(6);
    CHECK(!ir_same_block(&b, &c));
    c.entry = b.entry;
    b.insn[0].flags = (int16_t)ir_add_flags(&b, &b.entry);
    CHECK(!ir_same_block(&b, &c));
    ir_free(&b);
    ir_free(&c);
}

int main(void)
{
    RUN(flags_of_a_long_block);
    RUN(what_differs_is_not_the_same);
    return check_done();
}
