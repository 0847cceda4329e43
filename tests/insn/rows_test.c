/* SPDX-License-Identifier: MIT */
/*
 * Every row of insns.def with random operands: the instruction changes only the flags that the
 * table's OSZAPC column allows, and the host's own CPU, where it can be asked, ends in the same
 * state.
 *
 * Left out: what ends a block, privileged and system instructions, ports, x87 (it has tests of its
 * own).
 *
 * usage: rows_test [--engines NAMES] [RUNS-PER-ROW [SEED [NAME]]]
 */
#include "tests/insn/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/decode.h"

static const struct {
    char letter; /* of the column, in this order */
    uint32_t bit;
} columns[6] = {{'O', EFLAGS_OF}, {'S', EFLAGS_SF}, {'Z', EFLAGS_ZF},
                {'A', EFLAGS_AF}, {'P', EFLAGS_PF}, {'C', EFLAGS_CF}};

struct rows {
    struct guest *guest[ENGINE_COUNT]; /* the first `guests` */
    unsigned guests;
    bool host;
    uint64_t seed;
    unsigned passed, failed;
};

struct run {
    enum insn_mode mode;
    uint8_t code[CODE_MAX];
    unsigned len;
    struct insn_state in, got, host;
};

static uint32_t rnd(struct rows *r)
{
    r->seed ^= r->seed >> 12;
    r->seed ^= r->seed << 25;
    r->seed ^= r->seed >> 27;
    return (uint32_t)(r->seed * 0x2545f4914f6cdd1du >> 32);
}

static bool named(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (!strcmp(name, *list)) {
            return true;
        }
    }
    return false;
}

/* Their result depends on the machine, or would leave the test's frame. */
static bool row_skipped(const struct insn_info *info)
{
    static const char *const names[] = {
        "CPUID",   "SLDT",    "STR",      "SGDT",         "SIDT",     "SMSW",       "LAR",
        "LSL",     "VERR",    "VERW",     "ARPL",         "POPF",     "PUSHF",      "MOV_to_seg",
        "MOV_seg", "ENTER",   "BOUND",    "FXSAVE",       "FXRSTOR",  "RDPMC",      "RCPPS",
        "RCPSS",   "RSQRTPS", "RSQRTSS",  "FWAIT",        "MASKMOVQ", "MASKMOVDQU", "UD",
        "CLI",     "STI",     "PUSH_seg", "MOV_from_seg", NULL};
    uint32_t skip = A_CPL0 | A_END | A_IO | A_BRANCH | A_FPU | A_PROT;

    return (info->attr & skip) || named(info->name, names);
}

/* Interesting values half of the time; half of the others are addresses of scratch memory. */
static uint32_t random32(struct rows *r)
{
    static const uint32_t edge[] = {0,          1,          2,          0x7f,       0x80,
                                    0xff,       0x100,      0x7fff,     0x8000,     0xffff,
                                    0x10000,    0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
                                    0x55555555, 9,          0x99,       0x1f,       0x20};
    uint32_t v = rnd(r);

    return v & 1   ? edge[(v >> 1) % ARRAY_LEN(edge)]
           : v & 2 ? DATA_OFF + 0x100 + (v >> 8) % 0x1e00
                   : rnd(r);
}

/* Lanes that are often special floating-point values. */
static uint32_t random_lane(struct rows *r)
{
    static const uint32_t edge[] = {0,          0x80000000, 0x3f800000, 0x7f800000, 0xff800000,
                                    0x7fc00001, 0x7f800001, 0x00000123, 0x807fffff, 0x3ff00000,
                                    0x7ff00000, 0x00100000, 0x4b000001, 0x7f7fffff, 0x00800000};
    uint32_t v = rnd(r);

    switch (v & 7) {
    case 0:
    case 1:
    case 2: return edge[(v >> 3) % ARRAY_LEN(edge)];
    case 3: return (rnd(r) & 0x807fffff) | 0x3f000000;
    case 4: return (rnd(r) & 0x800fffff) | 0x3ff00000 | (v >> 3 & 3) << 20;
    case 5: return v >> 27;
    default: return rnd(r);
    }
}

static void random_state(struct rows *r, struct insn_state *s)
{
    memset(s, 0, sizeof(*s));
    for (unsigned n = 0; n < 8; n++) {
        s->reg[n] = random32(r);
        s->fpu.st[n].mant = (uint64_t)random_lane(r) << 32 | random_lane(r);
        s->fpu.st[n].sexp = 0xffff;
        s->xmm[n].u64[0] = (uint64_t)random_lane(r) << 32 | random_lane(r);
        s->xmm[n].u64[1] = (uint64_t)random_lane(r) << 32 | random_lane(r);
    }
    s->reg[ESP] = DATA_OFF + 0x800 + (rnd(r) & 0x7ff);
    s->eflags = EFLAGS_1 | EFLAGS_IF | (rnd(r) & EFLAGS_STATUS) | (rnd(r) & 3 ? 0 : EFLAGS_DF);
    s->eip = CODE_OFF;
    s->fpu.cw = 0x37f;
    s->mxcsr = 0x1f80;
    s->cr0 = START_CR0;
    s->cr4 = START_CR4;
    switch (rnd(r) & 7) {
    case 0: s->mxcsr = rnd(r) & 0xffff; break;
    case 1: s->mxcsr |= rnd(r) & 0xe040; break;
    case 2: s->mxcsr |= rnd(r) & 0x6020; break;
    default: s->mxcsr |= rnd(r) & 0x20; break;
    }
    for (unsigned n = 0; n < DATA_SIZE; n += 4) {
        store_le32(s->mem + n, n & 0x100 ? random32(r) : random_lane(r));
    }
}

static void put(struct run *t, unsigned v)
{
    t->code[t->len++] = (uint8_t)v;
}

static bool uses_modrm(const struct insn_info *info)
{
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] != '_' && strchr("EGRMSCDTPQNVWU", info->operands[k][0]) &&
            strcmp(info->operands[k], "CL") && strcmp(info->operands[k], "DX") &&
            strcmp(info->operands[k], "ES") && strcmp(info->operands[k], "CS") &&
            strcmp(info->operands[k], "SS") && strcmp(info->operands[k], "DS") &&
            strcmp(info->operands[k], "GS")) {
            return true;
        }
    }
    return info->ext != EXT_NONE;
}

static bool has_letter(const struct insn_info *info, char letter)
{
    return info->operands[0][0] == letter || info->operands[1][0] == letter ||
           info->operands[2][0] == letter;
}

static void put_modrm(struct rows *r, struct run *t, const struct insn_info *info)
{
    unsigned reg = info->ext < 8 ? info->ext : rnd(r) & 7, rm = rnd(r) & 7;
    bool mem = has_letter(info, 'M') || (rnd(r) & 1 && !has_letter(info, 'N') &&
                                         !has_letter(info, 'U') && !has_letter(info, 'R'));
    uint32_t addr = DATA_OFF + 0x100 + (rnd(r) % 0x1e00 & ~15u);

    if (info->ext >= 0xc0 && info->ext != EXT_NONE) {
        put(t, info->ext);
        return;
    }
    if (!mem) {
        put(t, 0xc0 | reg << 3 | rm);
        return;
    }
    switch (rnd(r) & 15) {
    case 0: addr = DATA_OFF + DATA_SIZE - (rnd(r) & 15); break; /* across the end */
    case 1: addr |= rnd(r) & 15; break;
    case 2: addr = random32(r); break;
    default: break;
    }
    if (t->mode == INSN_16) {
        put(t, reg << 3 | 6);
        put(t, addr);
        put(t, addr >> 8);
        return;
    }
    put(t, reg << 3 | 5);
    for (unsigned n = 0; n < 32; n += 8) {
        put(t, addr >> n);
    }
}

static void put_immediate(struct rows *r, struct run *t, const char *operand, bool wide)
{
    uint32_t v = random32(r);
    unsigned n = operand[1] == 'b' ? 1 : operand[1] == 'w' ? 2 : wide ? 4 : 2;

    if (operand[0] == 'O') {
        v = DATA_OFF + 0x100 + (v & 0xfff);
        n = t->mode == INSN_16 ? 2 : 4;
    }
    for (; n; n--, v >>= 8) {
        put(t, v);
    }
}

static void encode(struct rows *r, struct run *t, const struct insn_info *info)
{
    unsigned op = info->opcode & 0xff;
    bool prefix = info->opcode >> 16, wide = t->mode == INSN_32;

    t->len = 0;
    if (prefix) {
        put(t, info->opcode >> 16);
        wide = (info->opcode >> 16 == 0x66) != wide;
    } else if (!(info->attr & (A_MMX | A_SSE)) && info->opcode != 0x0fae &&
               info->opcode != 0x0fc3 && rnd(r) % 3 == 0 &&
               (info->opcode < 0x100 || (info->opcode & 0xff) < 0xd0)) {
        put(t, 0x66);
        wide = !wide;
    }
    if ((info->opcode & 0xff00) == 0x0f00) {
        put(t, 0x0f);
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] == 'Z') {
            op += rnd(r) & 7;
        }
    }
    put(t, op);
    if (uses_modrm(info)) {
        put_modrm(r, t, info);
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] == 'I' || info->operands[k][0] == 'O') {
            put_immediate(r, t, info->operands[k], wide);
        }
    }
}

static void complain(const struct run *t, const struct insn_info *info, const char *who,
                     const char *what, uint64_t want, uint64_t got)
{
    printf("%s %s,%s,%s bits %d code", info->name, info->operands[0], info->operands[1],
           info->operands[2], t->mode == INSN_32 ? 32 : 16);
    for (unsigned n = 0; n < t->len; n++) {
        printf(" %02x", t->code[n]);
    }
    printf(": %s: %s: expected %#" PRIx64 ", got %#" PRIx64 "\n", who, what, want, got);
}

/* The column against what was seen. Faults leave all flags alone. */
static bool flags_as_told(const struct run *t, const struct insn_info *info)
{
    for (unsigned k = 0; k < 6; k++) {
        bool before = t->in.eflags & columns[k].bit, after = t->got.eflags & columns[k].bit;
        char c = t->got.vector == 3 ? info->flags[k] : '_';
        char what[] = {columns[k].letter, 'F', ' ', c, 0};

        if (((c == '_' || c == 't') && before != after) || (c == '0' && after) ||
            (c == '1' && !after)) {
            complain(t, info, "flags column", what, c == '_' || c == 't' ? before : c - '0', after);
            return false;
        }
    }
    return true;
}

/* Bits that CPUs of another maker may set as they like. */
static uint32_t undefined_flags(const struct run *t, const struct insn_info *info)
{
    static const char *const shifts[] = {"SHL", "SHR", "SAR",  "ROL",  "ROR",
                                         "RCL", "RCR", "SHLD", "SHRD", NULL};
    uint32_t mask = 0;

    for (unsigned k = 0; k < 6; k++) {
        mask |= info->flags[k] == 'u' ? columns[k].bit : 0;
    }
    if (named(info->name, shifts)) {
        mask |= EFLAGS_OF | EFLAGS_AF | EFLAGS_CF;
    }
    return t->got.vector == EXC_DE ? EFLAGS_STATUS : mask;
}

static bool host_agrees(const struct run *t, const struct insn_info *info)
{
    const struct insn_state *want = &t->host, *got = &t->got;
    uint32_t flags = (EFLAGS_STATUS | EFLAGS_DF) & ~(host_is_amd() ? 0 : undefined_flags(t, info));
    char what[8];

    if (got->vector != want->vector) {
        complain(t, info, "host CPU", "vector", want->vector, got->vector);
        return false;
    }
    if (got->eip != want->eip) {
        complain(t, info, "host CPU", "eip", want->eip, got->eip);
        return false;
    }
    if (got->error != want->error || got->cr2 != want->cr2) {
        complain(t, info, "host CPU", "cr2:error", (uint64_t)want->cr2 << 32 | want->error,
                 (uint64_t)got->cr2 << 32 | got->error);
        return false;
    }
    for (unsigned n = 0; n < 8; n++) {
        if (got->reg[n] != want->reg[n]) {
            snprintf(what, sizeof(what), "reg%u", n);
            complain(t, info, "host CPU", what, want->reg[n], got->reg[n]);
            return false;
        }
        if (got->fpu.st[n].mant != want->fpu.st[n].mant) {
            snprintf(what, sizeof(what), "mm%u", n);
            complain(t, info, "host CPU", what, want->fpu.st[n].mant, got->fpu.st[n].mant);
            return false;
        }
        for (unsigned k = 0; k < 2; k++) {
            if (got->xmm[n].u64[k] != want->xmm[n].u64[k]) {
                snprintf(what, sizeof(what), "xmm%u.%u", n, k);
                complain(t, info, "host CPU", what, want->xmm[n].u64[k], got->xmm[n].u64[k]);
                return false;
            }
        }
    }
    if ((got->eflags ^ want->eflags) & flags) {
        complain(t, info, "host CPU", "flags", want->eflags & flags, got->eflags & flags);
        return false;
    }
    if (got->mxcsr != want->mxcsr) {
        complain(t, info, "host CPU", "mxcsr", want->mxcsr, got->mxcsr);
        return false;
    }
    for (unsigned n = 0; n < DATA_SIZE; n++) {
        if (got->mem[n] != want->mem[n]) {
            complain(t, info, "host CPU", "memory", want->mem[n], got->mem[n]);
            return false;
        }
    }
    return true;
}

static bool run_once(struct rows *r, const struct insn_info *info, struct run *t)
{
    t->mode = rnd(r) % 8 ? INSN_32 : INSN_16;
    random_state(r, &t->in);
    encode(r, t, info);
    struct guest *guest = r->guest[rnd(r) % r->guests];

    if (!guest_run(guest, t->mode, t->code, t->len, &t->in, &t->got)) {
        complain(t, info, "interp", "ends", 1, 0);
        return false;
    }
    if (guest_differed(guest)) {
        complain(t, info, "lockstep", "the same", 1, 0);
        return false;
    }
    if (!flags_as_told(t, info)) {
        return false;
    }
    /* Which operand of CMPS faults first differs between models. */
    if (!strcmp(info->name, "CMPS") && t->got.vector != 3) {
        return true;
    }
    bool double_shift = !strcmp(info->name, "SHLD") || !strcmp(info->name, "SHRD");

    if (!r->host || (double_shift && !host_is_amd())) {
        return true;
    }
    if (!host_run(t->mode, t->code, t->len, &t->in, &t->host)) {
        complain(t, info, "host CPU", "ends", 1, 0);
        return false;
    }
    return host_agrees(t, info);
}

static void run_row(struct rows *r, const struct insn_info *info, unsigned runs)
{
    struct run t;
    unsigned failed = 0;

    for (unsigned n = 0; n < runs && failed < 3; n++) {
        failed += !run_once(r, info, &t);
    }
    if (failed) {
        r->failed++;
    } else {
        r->passed++;
    }
}

static bool open_guests(struct rows *r, unsigned engines)
{
    char *error = NULL;

    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        if (!(engines >> e & 1)) {
            continue;
        }
        r->guest[r->guests] = guest_new("max", e, &error);
        if (!r->guest[r->guests]) {
            printf("%s\n", error);
            return false;
        }
        r->guests++;
    }
    return r->guests;
}

int main(int argc, char **argv)
{
    struct rows r = {.seed = 0x9e3779b97f4a7c15u};
    unsigned engines = guest_engine_list("all");
    const char *why = host_open();

    if (argc > 2 && !strcmp(argv[1], "--engines")) {
        engines = guest_engine_list(argv[2]);
        argc -= 2;
        argv += 2;
    }
    if (!open_guests(&r, engines)) {
        return 1;
    }

    unsigned runs = argc > 1 ? (unsigned)atoi(argv[1]) : 20;

    if (argc > 2) {
        r.seed = strtoull(argv[2], NULL, 0) * 0x9e3779b97f4a7c15u | 1;
    }
    if (why) {
        printf("SKIPPED the host's CPU as oracle: %s\n", why);
    }
    r.host = !why;
    for (unsigned row = 1; row < INSN_ROWS; row++) {
        const struct insn_info *info = &insn_info[row];

        if (!row_skipped(info) && (argc < 4 || !strcmp(argv[3], info->name))) {
            run_row(&r, info, runs);
        }
    }
    while (r.guests) {
        guest_free(r.guest[--r.guests]);
    }
    printf("%u passed, %u failed, %u skipped\n", r.passed, r.failed, why ? 1 : 0);
    return r.failed ? 1 : 0;
}
