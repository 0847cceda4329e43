/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the generator share: random numbers, and one item while it is put together.
 */
#ifndef TESTS_INSN_GEN_BUILD_H
#define TESTS_INSN_GEN_BUILD_H

#include "tests/insn/gen.h"

struct build {
    struct gen *g;
    const struct gen_sequence *s;
    struct gen_item *item;
    unsigned opsize, addrsize;
    int seg; /* override, or -1 */
};

uint32_t gen_rnd(struct gen *g);
uint32_t gen_below(struct gen *g, uint32_t n);
bool gen_chance(struct gen *g, unsigned percent);
uint32_t gen_random32(struct gen *g);
void gen_put(struct build *b, unsigned v);
void gen_put_n(struct build *b, uint32_t v, unsigned n);

/* Privileged instructions with operands that do something (gen_system.c). */
void gen_system_state(struct gen *g, struct insn_state *s);
/* Up to as many items as the sequence has room for; returns how many more than one. */
unsigned gen_system_items(struct build *b, struct gen_sequence *s, unsigned at);

#endif
