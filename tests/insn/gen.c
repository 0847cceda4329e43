/* SPDX-License-Identifier: MIT */
/*
 * Random instruction sequences in several engines and on the host's own CPU; each must end in the
 * same state. A difference is shrunk to a few instructions and printed as a line for the .txt
 * files here.
 *
 * usage: insn_gen [--engines NAMES] [--no-host] [--seed N] [--count INSTRUCTIONS] [--only MNEMONIC]
 *                 [--sequence N] [--failures N] [--rates] [--against NAME] [--system]
 *                 [--log CATEGORIES]
 * --system: sequences that start at CPL 0 or 3, with privileged instructions; the host is not
 * asked. The first engine, or the one of --against, is what the others and the host are compared
 * with.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "tests/insn/gen.h"

#define BATCH        64u
#define EXPLANATIONS 16u

struct options {
    unsigned engines;   /* bits */
    unsigned reference; /* bit; 0: the first of them */
    bool host, rates, system;
    uint64_t seed, count;
    uint64_t sequence; /* only this one; ~0: all */
    unsigned failures; /* that end the run */
    const char *only;
    const char *log; /* categories that are told of the shrunk sequence; NULL */
};

/* Between engines, in INSN_SYSTEM. */
static const struct gen_explanation unmapped_code = {
    .name = "code's own entry",
    .why = "changed without a flush: a block in flight may go on, as on real CPUs"};

/* A sequence and its results. */
struct trial {
    struct gen_sequence s;
    uint8_t code[CODE_MAX];
    unsigned len;
    bool ended;
    struct insn_state want, got, host;
};

struct bench {
    struct options o;
    struct gen *gen;
    struct guest *guest[ENGINE_COUNT];
    enum guest_engine reference;
    struct trial trial[BATCH];
    struct host_job job[BATCH];
    const struct decode_table *table;
    uint64_t instructions, sequences, dropped, failed, host_runs;
    /*
     * Differed from the host once and not again: a context switch came between. AMD's XSAVE drops
     * the x87's pointers then, and a repeated instruction is fetched anew.
     */
    uint64_t disturbed;
    struct {
        const struct gen_explanation *why;
        uint64_t count;
    } explained[EXPLANATIONS];
    bool shrinking;                   /* what was seen already */
    double seconds[ENGINE_COUNT + 1]; /* per engine, and the host */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Shrinking ---- */

enum oracle { HOST = ENGINE_COUNT };

static bool count_explained(struct bench *b, const struct gen_explanation *why)
{
    for (unsigned n = 0; n < EXPLANATIONS; n++) {
        if (!b->explained[n].why || b->explained[n].why == why) {
            b->explained[n].why = why;
            b->explained[n].count++;
            return true;
        }
    }
    return false;
}

/* As gen_compare() with the host's CPU; NULL too if there is an explanation. */
static const char *compare_host(struct bench *b, const struct trial *t,
                                const struct insn_state *host)
{
    const char *what = gen_compare(&t->want, host, true);
    const struct gen_explanation *why;

    if (!what || !(why = gen_explain(b->table, &t->s, &t->want, host))) {
        return what;
    }
    return count_explained(b, why) ? NULL : what;
}

/* Engine e ended, or did not, as t->got says: is that no failure? */
static bool explained(struct bench *b, const struct trial *t, unsigned e)
{
    return t->s.mode == INSN_SYSTEM && guest_unmapped_code(b->guest[e], &t->s.in) &&
           count_explained(b, &unmapped_code);
}

static bool run_in(struct bench *b, enum guest_engine e, const struct trial *t,
                   struct insn_state *out)
{
    bool ended = guest_run(b->guest[e], t->s.mode, t->code, t->len, &t->s.in, out);

    if (guest_differed(b->guest[e]) && !b->shrinking && !explained(b, t, e)) {
        printf("# in this sequence:\n");
        gen_print_line(&t->s, out);
        b->failed++;
    }
    return ended;
}

/* Does the sequence still differ? */
static bool differs(struct bench *b, struct trial *t, unsigned oracle)
{
    t->len = gen_layout(&t->s, t->code);
    if (!run_in(b, b->reference, t, &t->want)) {
        return false;
    }
    if (oracle == HOST) {
        return host_run(t->s.mode, t->code, t->len, &t->s.in, &t->got) &&
               compare_host(b, t, &t->got);
    }
    return (!run_in(b, oracle, t, &t->got) || gen_compare(&t->want, &t->got, false)) &&
           !explained(b, t, oracle);
}

static void remove_item(struct gen_sequence *s, unsigned at)
{
    memmove(&s->item[at], &s->item[at + 1], (s->count - at - 1) * sizeof(s->item[0]));
    s->count--;
    for (unsigned n = 0; n < s->count; n++) {
        s->item[n].target -= s->item[n].target > at;
    }
}

static bool shrink_items(struct bench *b, struct trial *t, unsigned oracle)
{
    static struct trial backup;
    bool shorter = false;

    for (unsigned n = t->s.count; n-- > 0 && t->s.count > 1;) {
        backup = *t;
        remove_item(&t->s, n);
        if (differs(b, t, oracle)) {
            shorter = true;
        } else {
            *t = backup;
        }
    }
    return shorter;
}

/* Sets size bytes at off of the starting state to the plain state's if the difference stays. */
static void simplify(struct bench *b, struct trial *t, unsigned oracle,
                     const struct insn_state *plain, size_t off, size_t size)
{
    uint8_t backup[sizeof(struct insn_state)], *at = (uint8_t *)&t->s.in + off;
    const uint8_t *from = (const uint8_t *)plain + off;

    if (!memcmp(at, from, size)) {
        return;
    }
    memcpy(backup, at, size);
    memcpy(at, from, size);
    if (!differs(b, t, oracle)) {
        memcpy(at, backup, size);
    }
}

static void shrink_state(struct bench *b, struct trial *t, unsigned oracle)
{
    static struct insn_state plain;

#define SIMPLIFY(field, size) \
    simplify(b, t, oracle, &plain, offsetof(struct insn_state, field), size)
    gen_plain_state(&plain);
    SIMPLIFY(mem[0], DATA_SIZE);
    for (unsigned size = 0x400; size; size = size == 0x400 ? 0x40 : size == 0x40 ? 8 : size == 8) {
        for (unsigned n = 0; n < DATA_SIZE; n += size) {
            SIMPLIFY(mem[n], size);
        }
    }
    SIMPLIFY(fpu, sizeof(plain.fpu));
    SIMPLIFY(fpu.cw, 2);
    SIMPLIFY(fpu.sw, 2);
    SIMPLIFY(fpu.top, 1);
    SIMPLIFY(fpu.empty, 1);
    SIMPLIFY(mxcsr, 4);
    SIMPLIFY(eip, 4);
    for (unsigned n = 0; n < 8; n++) {
        SIMPLIFY(fpu.st[n], sizeof(plain.fpu.st[0]));
        SIMPLIFY(xmm[n], 16);
        SIMPLIFY(reg[n], 4);
    }
    for (uint32_t bit = 1; bit < EFLAGS_ID << 1; bit <<= 1) {
        if (t->s.in.eflags & bit & ~(EFLAGS_1 | EFLAGS_IF)) {
            t->s.in.eflags &= ~bit;
            if (!differs(b, t, oracle)) {
                t->s.in.eflags |= bit;
            }
        }
    }
#undef SIMPLIFY
}

static void report(struct bench *b, const struct trial *found, uint64_t number, unsigned oracle)
{
    static struct trial t;
    const char *who = oracle == HOST ? "host CPU" : guest_engine_names[oracle];

    t = *found;
    if (oracle == HOST && !differs(b, &t, oracle)) {
        b->disturbed++;
        return;
    }
    t = *found;
    b->failed++;
    printf("---- sequence %" PRIu64 ": %s, %s\n", number, guest_engine_names[b->reference], who);
    if (!differs(b, &t, oracle)) {
        printf(
            "not again when it runs alone: %s\n",
            gen_compare(&found->want, oracle == HOST ? &found->host : &found->got, oracle == HOST));
        gen_print_line(&found->s, &found->want);
        return;
    }
    while (shrink_items(b, &t, oracle)) {
    }
    shrink_state(b, &t, oracle);
    shrink_items(b, &t, oracle);
    if (b->o.log) {
        free(log_set_mask(b->o.log));
    }
    differs(b, &t, oracle);
    const char *what = gen_compare(&t.want, &t.got, oracle == HOST);

    printf("%s\n", what ? what : "did not end");
    if (t.s.mode == INSN_SYSTEM) {
        guest_print_difference(b->guest[b->reference], b->guest[oracle]);
    }
    gen_print_line(&t.s, oracle == HOST ? &t.got : &t.want);
    fflush(stdout);
}

/* ---- Running ---- */

/* The reference, then the other engines, each over the whole batch. */
static void run_engines(struct bench *b, uint64_t first)
{
    double start = now();

    for (unsigned n = 0; n < BATCH; n++) {
        struct trial *t = &b->trial[n];

        t->ended = run_in(b, b->reference, t, &t->want);
        b->dropped += !t->ended;
        b->instructions += t->ended ? t->want.retired : 0;
    }
    b->seconds[b->reference] += now() - start;
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        if (!b->guest[e] || e == b->reference) {
            continue;
        }
        start = now();
        for (unsigned n = 0; n < BATCH; n++) {
            struct trial *t = &b->trial[n];

            if (t->ended && (!run_in(b, e, t, &t->got) || gen_compare(&t->want, &t->got, false)) &&
                !explained(b, t, e)) {
                b->shrinking = true;
                report(b, t, first + n, e);
                b->shrinking = false;
            }
        }
        b->seconds[e] += now() - start;
    }
}

static void run_host(struct bench *b, uint64_t first)
{
    double start = now();
    unsigned count = 0;

    for (unsigned n = 0; n < BATCH; n++) {
        struct trial *t = &b->trial[n];

        if (t->ended) {
            b->job[count++] = (struct host_job){
                .mode = t->s.mode, .code = t->code, .len = t->len, .in = &t->s.in, .out = &t->host};
        }
    }
    if (!host_run_all(b->job, count)) {
        printf("sequences from %" PRIu64 " on: did not end on the host\n", first);
        b->failed++;
    }
    b->seconds[HOST] += now() - start;
    b->host_runs += count;
    for (unsigned n = 0, k = 0; n < BATCH; n++) {
        struct trial *t = &b->trial[n];

        if (t->ended && b->job[k++].ended && compare_host(b, t, &t->host)) {
            b->shrinking = true;
            report(b, t, first + n, HOST);
            b->shrinking = false;
        }
    }
}

static void run_batch(struct bench *b, uint64_t first)
{
    for (unsigned n = 0; n < BATCH; n++) {
        gen_make(b->gen, first + n, &b->trial[n].s);
        b->trial[n].len = gen_layout(&b->trial[n].s, b->trial[n].code);
    }
    run_engines(b, first);
    if (b->o.host) {
        run_host(b, first);
    }
    b->sequences += BATCH;
}

static bool parse(struct options *o, int argc, char **argv)
{
    for (int n = 1; n < argc; n++) {
        const char *value = n + 1 < argc ? argv[n + 1] : NULL;

        if (!strcmp(argv[n], "--no-host")) {
            o->host = false;
        } else if (!strcmp(argv[n], "--system")) {
            o->system = true;
            o->host = false;
        } else if (!strcmp(argv[n], "--rates")) {
            o->rates = true;
        } else if (!value) {
            printf("insn_gen: %s: unknown, or its value is missing\n", argv[n]);
            return false;
        } else if (!strcmp(argv[n], "--engines")) {
            o->engines = guest_engine_list(argv[++n]);
        } else if (!strcmp(argv[n], "--against")) {
            o->reference = guest_engine_list(argv[++n]);
        } else if (!strcmp(argv[n], "--seed")) {
            o->seed = strtoull(argv[++n], NULL, 0);
        } else if (!strcmp(argv[n], "--count")) {
            o->count = strtoull(argv[++n], NULL, 0);
        } else if (!strcmp(argv[n], "--sequence")) {
            o->sequence = strtoull(argv[++n], NULL, 0);
        } else if (!strcmp(argv[n], "--failures")) {
            o->failures = (unsigned)strtoul(argv[++n], NULL, 0);
        } else if (!strcmp(argv[n], "--log")) {
            o->log = argv[++n];
        } else if (!strcmp(argv[n], "--only")) {
            o->only = argv[++n];
        } else {
            printf("insn_gen: %s is unknown\n", argv[n]);
            return false;
        }
    }
    o->engines |= o->reference;
    return o->engines;
}

static bool open_guests(struct bench *b)
{
    char *error = NULL;

    for (unsigned e = ENGINE_COUNT; e-- > 0;) {
        if (b->o.engines >> e & 1) {
            b->guest[e] = guest_new("max", e, &error);
            if (!b->guest[e]) {
                printf("%s: %s\n", guest_engine_names[e], error);
                return false;
            }
            if (!b->o.reference || b->o.reference >> e & 1) {
                b->reference = e;
            }
        }
    }
    return true;
}

static void print_rates(const struct bench *b)
{
    for (unsigned e = 0; e <= ENGINE_COUNT; e++) {
        if (b->seconds[e] > 0) {
            printf("%-12s %9.0f instructions/s\n", e == HOST ? "host CPU" : guest_engine_names[e],
                   (double)b->instructions / b->seconds[e]);
        }
    }
}

int main(int argc, char **argv)
{
    static struct bench b = {.o = {.host = true,
                                   .engines = 0,
                                   .count = 1000000,
                                   .seed = 1,
                                   .sequence = ~0ull,
                                   .failures = 10}};
    const char *why = NULL;

    b.o.engines = guest_engine_list("all");
    if (!parse(&b.o, argc, argv) || !open_guests(&b)) {
        return 2;
    }
    if (b.o.host && (why = host_open())) {
        printf("SKIPPED the host's CPU as oracle: %s\n", why);
        b.o.host = false;
    } else if (b.o.host && !host_is_amd()) {
        why = "not AMD's, and so different where the manuals leave the choice";
        printf("SKIPPED the host's CPU as oracle: %s\n", why);
        b.o.host = false;
    }
    b.table = decode_table_new();
    b.gen = gen_new(
        &(struct gen_options){.host_exact = b.o.host, .only = b.o.only, .system = b.o.system});
    if (b.o.sequence != ~0ull) {
        run_batch(&b, b.o.sequence);
    } else {
        for (uint64_t n = b.o.seed << 40; b.instructions < b.o.count && b.failed < b.o.failures;
             n += BATCH) {
            run_batch(&b, n);
        }
    }
    if (b.o.rates) {
        print_rates(&b);
    }
    printf("%" PRIu64 " instructions in %" PRIu64 " sequences, %" PRIu64
           " of them endless and not compared\n",
           b.instructions, b.sequences, b.dropped);
    if (b.disturbed) {
        printf("%" PRIu64 " explained: a context switch of the host: not different again\n",
               b.disturbed);
    }
    for (unsigned n = 0; n < EXPLANATIONS && b.explained[n].why; n++) {
        printf("%" PRIu64 " explained: %s: %s\n", b.explained[n].count, b.explained[n].why->name,
               b.explained[n].why->why);
    }
    printf("%" PRIu64 " passed, %" PRIu64 " failed, %u skipped\n",
           b.sequences - b.dropped - b.failed, b.failed, why ? 1 : 0);
    gen_free(b.gen);
    decode_table_free(b.table);
    return b.failed != 0;
}
