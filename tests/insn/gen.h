/* SPDX-License-Identifier: MIT */
/*
 * Random instruction sequences, made from insns.def (gen_code.c), compared between engines and
 * shrunk (gen.c), printed as lines for the .txt files (gen_print.c).
 */
#ifndef TESTS_INSN_GEN_H
#define TESTS_INSN_GEN_H

#include "cpu/decode.h"
#include "tests/insn/engine.h"

#define GEN_ITEMS 20u

/* One instruction, with what the layout fills in at its end or inside. */
struct gen_item {
    uint8_t bytes[15];
    uint8_t len;
    uint8_t rel_size; /* bytes at the end that are a displacement to an item; 0: none */
    uint8_t addr_at;  /* where the absolute address of an item goes; 0: nowhere */
    uint8_t addr_size;
    uint8_t target;        /* that item; the number of items: the end */
    uint8_t target_offset; /* with addr_at: byte in it */
    bool with_previous;    /* no jump comes here */
    uint16_t row;
};

struct gen_sequence {
    enum insn_mode mode;
    unsigned count;
    struct gen_item item[GEN_ITEMS];
    struct insn_state in;
};

struct gen_options {
    bool host_exact;  /* leave out what is only near on the host's CPU */
    const char *only; /* a mnemonic: every sequence has it; NULL */
    bool system;      /* from CPL 0 (or 3), privileged instructions among them: INSN_SYSTEM */
};

struct gen;
struct gen *gen_new(const struct gen_options *options);
void gen_free(struct gen *g);
/* The same number gives the same sequence. */
void gen_make(struct gen *g, uint64_t number, struct gen_sequence *s);
/* The sequence's bytes; returns their number, at most CODE_MAX - 16. */
unsigned gen_layout(const struct gen_sequence *s, uint8_t *code);
/* insn_plain_state() with PAE: NX is there. */
void gen_plain_state(struct insn_state *s);

/* NULL: equal. Else what differs, in a static buffer. host: the second is the host's CPU. */
const char *gen_compare(const struct insn_state *a, const struct insn_state *b, bool host);
struct gen_explanation {
    const char *name, *why;
};
/* Why the guest's and the host's results may differ, or NULL: they may not (gen_explain.c). */
const struct gen_explanation *gen_explain(const struct decode_table *table,
                                          const struct gen_sequence *s,
                                          const struct insn_state *guest,
                                          const struct insn_state *host);
/* The sequence as a line, the result after =>. */
void gen_print_line(const struct gen_sequence *s, const struct insn_state *out);

#endif
