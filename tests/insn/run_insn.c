/* SPDX-License-Identifier: MIT */
/*
 * Runs the lines of the .txt files here in each engine of the emulated CPU and, where it can, on
 * the host's own CPU.
 *
 *     asm | inputs => outputs
 *
 * asm       one instruction, or several with ; between them
 * inputs    eax=1 cx=0xff dl=2; flags cf pf af zf sf df of, ac id; memory w2000=ffff (b w d q x,
 * hex); mm0= and xmm0= (hex, the most significant digit first), mxcsr=; x87: fr0= (physical
 * register, 20 hex digits), fcw=, fsw= (TOP included), ftw= (a bit for each register that is not
 * empty), fop=, fip=, fdp=
 * outputs   the same; value ? is "undefined by the manual"; or #DE and so on: the instruction
 * faults; with its error code in hex where there is one, and #PF with its address: #PF(6)
 * cr2=0x9000. A fault of the only instruction must leave EIP at it; of several, eip= says where.
 * Everything that is not mentioned must not change; each line runs with the status flags it does
 * not mention all clear and all set.
 *
 * "run_insn --record FILE" prints the file with each output "@" replaced by what the host's CPU
 * did; what follows the @ (of=?) is kept.
 *
 * Directives: "bits 32", "bits 16" (protected mode) and "bits real"; "cpu MODEL" (as -cpu); "host
 * no", "host yes", "host amd": whether the host's CPU is asked; "at OFFSET": where the code of the
 * next lines lies. nasm assembles a file at a time.
 *
 * usage: run_insn [--engines NAME,NAME..] [FILES]
 */
#include "tests/insn/engine.h"

#include <ctype.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endian.h"

#define LINE_MAX_CODE 64u
#define STRIDE        (2 + LINE_MAX_CODE) /* of the assembled lines: length, then code */
#define FSW_TOP       0x3800u
#define FLAGS_SEEN    (EFLAGS_STATUS | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID)

static const char *const vector_names[32] = {
    "DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "MP",
    "TS", "NP", "SS",  "GP", "PF", "15", "MF", "AC", "MC", "XM",
};

struct test_line {
    unsigned number;
    char *text; /* the whole line */
    char *code, *inputs, *outputs;
    enum insn_mode mode;
    char model[32];
    bool host;
    uint32_t at;
};

struct bench {
    struct guest *guest[ENGINE_COUNT]; /* NULL: not asked for */
    unsigned engines;                  /* bits: asked for */
    char model[32];                    /* the guests' */
    bool host_ready;
    const char *file;
    unsigned passed, failed;
};

struct expectation {
    struct insn_state in, want;
    struct insn_state ignore; /* a set bit: not compared */
    uint32_t given_flags;     /* inputs mention them */
    uint32_t told_flags;      /* outputs do: RF is compared only then */
    int vector;               /* -1: runs to its end */
    bool code_told, cr2_told, eip_told;
};

/* ---- Names ---- */

static const char *const reg32[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const reg8[8] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};

static const struct {
    const char *name;
    uint32_t bit;
} flag_names[] = {
    {"cf", EFLAGS_CF}, {"pf", EFLAGS_PF}, {"af", EFLAGS_AF}, {"zf", EFLAGS_ZF},
    {"sf", EFLAGS_SF}, {"df", EFLAGS_DF}, {"of", EFLAGS_OF}, {"rf", EFLAGS_RF},
    {"ac", EFLAGS_AC}, {"id", EFLAGS_ID}, {"nt", EFLAGS_NT},
};

/* Up to 16 bytes of hex digits, the most significant first; underscores are skipped. */
static bool parse_hex(const char *s, uint8_t *out, unsigned bytes)
{
    unsigned n = 0;

    memset(out, 0, bytes);
    if (s[0] == '0' && s[1] == 'x') {
        s += 2;
    }
    for (size_t k = strlen(s); k-- > 0;) {
        int c = tolower((unsigned char)s[k]);

        if (c == '_') {
            continue;
        }
        if (!isxdigit(c) || n >= 2 * bytes) {
            return false;
        }
        out[n / 2] |= (uint8_t)((c <= '9' ? c - '0' : c - 'a' + 10) << 4 * (n % 2));
        n++;
    }
    return n;
}

static void set_bits(uint32_t *to, uint32_t mask, uint32_t v)
{
    *to = (*to & ~mask) | (v & mask);
}

/* The bits of a register that name means, and where. */
static uint32_t register_bits(const char *name, unsigned *reg, unsigned *shift)
{
    *shift = 0;
    for (unsigned n = 0; n < 8; n++) {
        *reg = n;
        if (!strcmp(name, reg32[n])) {
            return 0xffffffff;
        }
        if (!strcmp(name, reg32[n] + 1)) {
            return 0xffff;
        }
        if (!strcmp(name, reg8[n])) {
            *reg = n & 3;
            *shift = n < 4 ? 0 : 8;
            return 0xffu << *shift;
        }
    }
    return 0;
}

/* The x87's part; value NULL: all ones. */
static bool assign_x87(struct insn_state *s, const char *name, const char *value)
{
    struct fpu *f = &s->fpu;
    uint32_t v = value ? (uint32_t)strtoul(value, NULL, 0) : 0xffffffff;
    uint8_t bytes[10] = {0};

    if (!strncmp(name, "fr", 2) && name[2] >= '0' && name[2] <= '7' && !name[3]) {
        memset(bytes, 0xff, sizeof(bytes));
        if (value && !parse_hex(value, bytes, 10)) {
            return false;
        }
        f->st[name[2] - '0'] = (struct f80){.mant = load_le64(bytes), .sexp = load_le16(bytes + 8)};
    } else if (!strcmp(name, "fcw")) {
        f->cw = (uint16_t)v;
    } else if (!strcmp(name, "fsw")) {
        f->sw = v & (uint16_t)~FSW_TOP;
        f->top = v >> 11 & 7;
    } else if (!strcmp(name, "ftw")) {
        f->empty = value ? (uint8_t)~v : 0xff;
    } else if (!strcmp(name, "fop")) {
        f->fop = (uint16_t)v;
    } else if (!strcmp(name, "fip")) {
        f->fip = v;
    } else if (!strcmp(name, "fdp")) {
        f->fdp = v;
    } else {
        return false;
    }
    return true;
}

/* name=value into s, or with value "?" ones into ignore. */
static bool assign(struct insn_state *s, struct insn_state *ignore, uint32_t *flags,
                   const char *name, const char *value)
{
    bool undefined = !strcmp(value, "?");
    char *end;
    uint32_t v = undefined ? 0 : (uint32_t)strtoll(value, &end, 0);
    unsigned reg, shift;
    uint32_t mask = register_bits(name, &reg, &shift);

    if (undefined && !ignore) {
        return false;
    }
    if (mask) {
        set_bits(undefined ? &ignore->reg[reg] : &s->reg[reg], mask, undefined ? mask : v << shift);
        return undefined || !*end;
    }
    for (size_t n = 0; n < ARRAY_LEN(flag_names); n++) {
        if (!strcmp(name, flag_names[n].name)) {
            *flags |= flag_names[n].bit;
            set_bits(undefined ? &ignore->eflags : &s->eflags, flag_names[n].bit,
                     undefined || v ? flag_names[n].bit : 0);
            return true;
        }
    }
    if (!strcmp(name, "mxcsr")) {
        *(undefined ? &ignore->mxcsr : &s->mxcsr) = undefined ? 0xffffffff : v;
        return true;
    }
    if (!undefined && (!strcmp(name, "cr0") || !strcmp(name, "cr4"))) {
        *(name[2] == '0' ? &s->cr0 : &s->cr4) = v;
        return true;
    }
    if (assign_x87(undefined ? ignore : s, name, undefined ? NULL : value)) {
        return true;
    }
    uint8_t bytes[16];
    struct insn_state *to = undefined ? ignore : s;

    memset(bytes, 0xff, sizeof(bytes));
    if (!strncmp(name, "mm", 2) && name[2] >= '0' && name[2] <= '7' && !name[3]) {
        if (!undefined && !parse_hex(value, bytes, 8)) {
            return false;
        }
        to->fpu.st[name[2] - 48].mant = load_le64(bytes);
        return true;
    }
    if (!strncmp(name, "xmm", 3) && name[3] >= '0' && name[3] <= '7' && !name[4]) {
        if (!undefined && !parse_hex(value, bytes, 16)) {
            return false;
        }
        to->xmm[name[3] - '0'].u64[0] = load_le64(bytes);
        to->xmm[name[3] - '0'].u64[1] = load_le64(bytes + 8);
        return true;
    }
    static const char sizes[] = "bwdqx";
    const char *size = strchr(sizes, name[0]);
    unsigned long addr = strtoul(name + 1, &end, 16);

    if (!size || *end || end == name + 1) {
        return false;
    }
    unsigned len = 1u << (size - sizes);

    if (addr < DATA_OFF || addr + len > DATA_OFF + DATA_SIZE ||
        (!undefined && !parse_hex(value, bytes, len))) {
        return false;
    }
    memcpy(to->mem + (addr - DATA_OFF), bytes, len);
    return true;
}

static bool assign_all(struct insn_state *s, struct insn_state *ignore, uint32_t *flags, char *list)
{
    char *save = NULL;

    for (char *t = strtok_r(list, " \t", &save); t; t = strtok_r(NULL, " \t", &save)) {
        char *eq = strchr(t, '=');

        if (!eq) {
            return false;
        }
        *eq = 0;
        if (!assign(s, ignore, flags, t, eq + 1)) {
            *eq = '=';
            printf("cannot read \"%s\": ", t);
            return false;
        }
    }
    return true;
}

/* ---- One line ---- */

#define HAS_CODE 0x27d00u /* 8, 10-14, 17 */
#define TRAPS    0x1au    /* 1, 3, 4: EIP may be behind the instruction */

/* "#GP", "#PF(6)". */
static bool parse_vector(struct expectation *e, const char *text, size_t len, bool real)
{
    size_t name = strcspn(text, "( \t");
    char *end;

    for (int v = 0; v < 32; v++) {
        if (vector_names[v] && strlen(vector_names[v]) == name - 1 &&
            !strncmp(text + 1, vector_names[v], name - 1)) {
            e->vector = v;
        }
    }
    if (e->vector < 0 || name == len) {
        return e->vector >= 0;
    }
    e->want.error = (uint32_t)strtoul(text + name + 1, &end, 16);
    e->code_told = true;
    return end == text + len - 1 && *end == ')' && !real && (HAS_CODE >> e->vector & 1);
}

/* What only the outputs of a fault have; takes them out of the list. */
static bool parse_fault_words(struct expectation *e, char *list)
{
    const struct {
        const char *name;
        uint32_t *to;
        bool *told;
    } words[] = {{"cr2=", &e->want.cr2, &e->cr2_told}, {"eip=", &e->want.eip, &e->eip_told}};

    for (unsigned n = 0; n < ARRAY_LEN(words); n++) {
        char *at = strstr(list, words[n].name), *end;

        if (at) {
            *words[n].to = (uint32_t)strtoul(at + 4, &end, 0);
            *words[n].told = true;
            if (end == at + 4 || (*end && !isspace((unsigned char)*end))) {
                return false;
            }
            memset(at, ' ', (size_t)(end - at));
        }
    }
    return true;
}

static bool parse_expectation(const struct test_line *l, uint32_t flags, struct expectation *e)
{
    char *inputs = xstrdup(l->inputs), *outputs = xstrdup(l->outputs), *out = outputs;
    bool good;

    memset(e, 0, sizeof(*e));
    e->vector = -1;
    insn_plain_state(&e->in);
    e->in.eflags |= flags;
    e->in.eip = l->at;
    good = assign_all(&e->in, NULL, &e->given_flags, inputs);
    e->want = e->in;
    out += strspn(out, " \t");
    if (*out == '#') {
        size_t len = strcspn(out, " \t");

        good = good && parse_vector(e, out, len, l->mode == INSN_REAL);
        out += len;
        good = good && parse_fault_words(e, out);
        if (!e->eip_told && !strchr(l->code, ';') && !(TRAPS >> e->vector & 1)) {
            e->eip_told = true;
        }
    }
    good = good && assign_all(&e->want, &e->ignore, &e->told_flags, out);
    free(inputs);
    free(outputs);
    return good;
}

struct report {
    const struct bench *b;
    const struct test_line *l;
    const char *engine;
    bool failed;
};

static void differs(struct report *r, const char *what, uint64_t want, uint64_t got)
{
    if (!r->failed) {
        printf("%s:%u: %s: %s: %s: expected %#" PRIx64 ", got %#" PRIx64 "\n", r->b->file,
               r->l->number, r->engine, r->l->text, what, want, got);
    }
    r->failed = true;
}

static void compare_x87(struct report *r, const struct expectation *e, const struct insn_state *got)
{
    const struct fpu *want = &e->want.fpu, *f = &got->fpu, *ignore = &e->ignore.fpu;
    const struct {
        const char *name;
        uint32_t want, got, ignore;
    } words[] = {
        {"fcw", want->cw, f->cw, ignore->cw},
        {"fsw", want->sw | want->top << 11u, f->sw | f->top << 11u,
         ignore->sw | ignore->top << 11u},
        {"ftw", (uint8_t)~want->empty, (uint8_t)~f->empty, ignore->empty},
        {"fop", want->fop, f->fop, ignore->fop},
        {"fip", want->fip, f->fip, ignore->fip},
        {"fdp", want->fdp, f->fdp, ignore->fdp},
    };
    char name[16];

    for (unsigned n = 0; n < ARRAY_LEN(words); n++) {
        if ((words[n].want ^ words[n].got) & ~words[n].ignore) {
            differs(r, words[n].name, words[n].want, words[n].got);
        }
    }
    for (unsigned n = 0; n < 8; n++) {
        if ((f->st[n].mant ^ want->st[n].mant) & ~ignore->st[n].mant) {
            snprintf(name, sizeof(name), "mm%u", n);
            differs(r, name, want->st[n].mant, f->st[n].mant);
        }
        if ((f->st[n].sexp ^ want->st[n].sexp) & ~ignore->st[n].sexp & 0xffff) {
            snprintf(name, sizeof(name), "fr%u[79:64]", n);
            differs(r, name, want->st[n].sexp, f->st[n].sexp);
        }
    }
}

static void compare_simd(struct report *r, const struct expectation *e,
                         const struct insn_state *got)
{
    char name[16];

    for (unsigned n = 0; n < 8; n++) {
        for (unsigned k = 0; k < 2; k++) {
            if ((got->xmm[n].u64[k] ^ e->want.xmm[n].u64[k]) & ~e->ignore.xmm[n].u64[k]) {
                snprintf(name, sizeof(name), "xmm%u[%s]", n, k ? "127:64" : "63:0");
                differs(r, name, e->want.xmm[n].u64[k], got->xmm[n].u64[k]);
            }
        }
    }
    if ((got->mxcsr ^ e->want.mxcsr) & ~e->ignore.mxcsr) {
        differs(r, "mxcsr", e->want.mxcsr, got->mxcsr);
    }
}

/* Error code, CR2, EIP of a fault. */
static void compare_fault(struct report *r, const struct expectation *e,
                          const struct insn_state *got)
{
    bool code = (HAS_CODE >> e->vector & 1) && r->l->mode != INSN_REAL;

    if ((code && !e->code_told) || (e->vector == EXC_PF && !e->cr2_told)) {
        if (!r->failed) {
            printf("%s:%u: %s: %s: the error code or CR2 is not stated; it was #%s(%x) cr2=%#x\n",
                   r->b->file, r->l->number, r->engine, r->l->text, vector_names[e->vector],
                   got->error, got->cr2);
        }
        r->failed = true;
    }
    if (code && got->error != e->want.error) {
        differs(r, "error code", e->want.error, got->error);
    }
    if (e->vector == EXC_PF && got->cr2 != e->want.cr2) {
        differs(r, "cr2", e->want.cr2, got->cr2);
    }
    if (e->eip_told && got->eip != e->want.eip) {
        differs(r, "eip of the fault", e->want.eip, got->eip);
    }
}

static bool compare(struct report *r, const struct expectation *e, unsigned len,
                    const struct insn_state *got)
{
    uint32_t seen = (FLAGS_SEEN | (e->told_flags & EFLAGS_RF)) & ~e->ignore.eflags;
    uint32_t end = e->in.eip + len + 1;
    bool ended = got->vector == 3 && got->eip == end;
    char name[16];

    if (e->vector < 0 && !ended) {
        differs(r, got->vector == 3 ? "eip at the end" : "runs to its end, vector", end,
                got->vector == 3 ? got->eip : got->vector);
    }
    if (e->vector >= 0 && ((int)got->vector != e->vector || ended)) {
        differs(r, "vector", (uint64_t)e->vector, got->vector);
    }
    if (e->vector >= 0 && !r->failed) {
        compare_fault(r, e, got);
    }
    for (unsigned n = 0; n < 8; n++) {
        if ((got->reg[n] ^ e->want.reg[n]) & ~e->ignore.reg[n]) {
            differs(r, reg32[n], e->want.reg[n], got->reg[n]);
        }
    }
    for (size_t n = 0; n < ARRAY_LEN(flag_names); n++) {
        uint32_t bit = flag_names[n].bit;

        if ((got->eflags ^ e->want.eflags) & seen & bit) {
            differs(r, flag_names[n].name, !!(e->want.eflags & bit), !!(got->eflags & bit));
        }
    }
    for (unsigned n = 0; n < DATA_SIZE; n++) {
        if ((got->mem[n] ^ e->want.mem[n]) & ~e->ignore.mem[n]) {
            snprintf(name, sizeof(name), "b%04x", DATA_OFF + n);
            differs(r, name, e->want.mem[n], got->mem[n]);
        }
    }
    compare_x87(r, e, got);
    compare_simd(r, e, got);
    return !r->failed;
}

static void free_guests(struct bench *b)
{
    for (unsigned n = 0; n < ENGINE_COUNT; n++) {
        if (b->guest[n]) {
            guest_free(b->guest[n]);
            b->guest[n] = NULL;
        }
    }
}

static bool choose_model(struct bench *b, const struct test_line *l)
{
    char *error = NULL;

    if (!strcmp(b->model, l->model)) {
        return true;
    }
    free_guests(b);
    memcpy(b->model, l->model, sizeof(b->model));
    for (unsigned n = 0; n < ENGINE_COUNT; n++) {
        if (!(b->engines >> n & 1)) {
            continue;
        }
        b->guest[n] = guest_new(l->model, n, &error);
        if (!b->guest[n]) {
            printf("%s:%u: cpu %s, %s: %s\n", b->file, l->number, l->model, guest_engine_names[n],
                   error ? error : "?");
            free(error);
            b->model[0] = 0;
            return false;
        }
    }
    return true;
}

/* One pass over the engines. */
static bool run_engines(struct bench *b, const struct test_line *l, const uint8_t *code,
                        unsigned len, const struct expectation *e, const char *suffix)
{
    struct insn_state got;
    char name[64];

    for (unsigned n = 0; n < ENGINE_COUNT; n++) {
        struct report r = {.b = b, .l = l, .engine = name};

        if (!b->guest[n]) {
            continue;
        }
        snprintf(name, sizeof(name), "%s%s", guest_engine_names[n], suffix);
        guest_run(b->guest[n], l->mode, code, len, &e->in, &got);
        if (guest_differed(b->guest[n])) {
            printf("%s:%u: %s: %s\n", b->file, l->number, name, l->text);
            return false;
        }
        if (!compare(&r, e, len, &got)) {
            return false;
        }
    }
    return true;
}

/* Flag states at the start of the two passes. */
static bool run_line(struct bench *b, const struct test_line *l, const uint8_t *code)
{
    unsigned len = load_le16(code);

    code += 2;
    if (len > LINE_MAX_CODE || !choose_model(b, l)) {
        return false;
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        struct expectation e;
        struct insn_state got;
        struct report r = {.b = b, .l = l, .engine = pass ? "host CPU, flags set" : "host CPU"};

        if (!parse_expectation(l, pass ? EFLAGS_STATUS : 0, &e)) {
            printf("%s:%u: not understood: %s\n", b->file, l->number, l->text);
            return false;
        }
        if (!run_engines(b, l, code, len, &e, pass ? ", flags set" : "")) {
            return false;
        }
        if (!b->host_ready || !l->host || l->mode == INSN_REAL) {
            continue;
        }
        /* The kernel keeps ID and NT from run to run. Real CPUs do change flags in a DIV that
         * faults. */
        e.ignore.eflags |= EFLAGS_ID | EFLAGS_NT;
        e.ignore.eflags |= e.vector == EXC_DE ? EFLAGS_STATUS : 0;
        /* AMD's XSAVE stores the x87's pointers only if an exception is pending. */
        e.ignore.fpu.fop = 0xffff;
        e.ignore.fpu.fip = e.ignore.fpu.fdp = 0xffffffff;
        if (!host_run(l->mode, code, len, &e.in, &got)) {
            printf("%s:%u: host CPU: %s: did not end\n", b->file, l->number, l->text);
            return false;
        }
        if (!compare(&r, &e, len, &got)) {
            return false;
        }
    }
    return true;
}

/* ---- One file ---- */

static char *trim(char *s)
{
    char *end;

    s += strspn(s, " \t");
    end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1])) {
        *--end = 0;
    }
    return s;
}

struct line_list {
    struct test_line *line;
    unsigned count;
};

/* Cuts a line in its three parts. */
static bool split_line(struct test_line *l)
{
    char *copy = xstrdup(l->text), *bar = strstr(copy, " | "), *arrow = strstr(copy, "=>");

    if (!bar || !arrow || arrow < bar) {
        free(copy);
        return false;
    }
    *bar = 0;
    *arrow = 0;
    l->code = trim(copy);
    l->inputs = trim(bar + 3);
    l->outputs = trim(arrow + 2);
    return true;
}

static bool read_lines(const char *file, struct line_list *list)
{
    FILE *f = fopen(file, "r");
    char buf[1024];
    struct test_line now = {.mode = INSN_32, .model = "max", .host = true, .at = CODE_OFF};
    bool good = true;

    if (!f) {
        perror(file);
        return false;
    }
    while (fgets(buf, sizeof(buf), f)) {
        char *s = trim(buf);

        now.number++;
        if (!*s || *s == '#') {
            continue;
        }
        if (!strncmp(s, "bits ", 5)) {
            now.mode = !strcmp(s + 5, "32") ? INSN_32 : !strcmp(s + 5, "16") ? INSN_16 : INSN_REAL;
            continue;
        }
        if (!strncmp(s, "cpu ", 4)) {
            snprintf(now.model, sizeof(now.model), "%s", s + 4);
            continue;
        }
        if (!strncmp(s, "host ", 5)) {
            now.host = !strcmp(s + 5, "yes") || (!strcmp(s + 5, "amd") && host_is_amd());
            continue;
        }
        if (!strncmp(s, "at ", 3)) {
            now.at = (uint32_t)strtoul(s + 3, NULL, 0);
            continue;
        }
        now.text = xstrdup(s);
        if (!split_line(&now)) {
            printf("%s:%u: not understood: %s\n", file, now.number, s);
            good = false;
            continue;
        }
        list->line = xrealloc(list->line, (list->count + 1) * sizeof(now));
        list->line[list->count++] = now;
    }
    fclose(f);
    return good;
}

/* nasm's input: each line's length and bytes at a fixed distance. */
static bool write_source(const char *path, const char *file, const struct line_list *list)
{
    FILE *f = fopen(path, "w");

    if (!f) {
        perror(path);
        return false;
    }
    for (unsigned n = 0; n < list->count; n++) {
        const struct test_line *l = &list->line[n];

        fprintf(f, "%%line %u+0 %s\nbits %d\ndw end%u - line%u\nline%u:\n", l->number, file,
                l->mode == INSN_32 ? 32 : 16, n, n, n);
        for (const char *c = l->code; *c; c++) {
            fputc(*c == ';' ? '\n' : *c, f);
        }
        fprintf(f, "\nend%u:\ntimes %u - (end%u - line%u) db 0xcc\n", n, LINE_MAX_CODE, n, n);
    }
    return !fclose(f);
}

/* The assembled lines, or NULL. */
static uint8_t *assemble(const char *file, const struct line_list *list)
{
    char dir[] = "/tmp/run_insn.XXXXXX";
    char *src, *bin, *command;
    uint8_t *out = xcalloc(list->count + 1, STRIDE);
    bool good = false;

    if (!mkdtemp(dir)) {
        perror(dir);
        free(out);
        return NULL;
    }
    src = xasprintf("%s/lines.asm", dir);
    bin = xasprintf("%s/lines.bin", dir);
    command = xasprintf("nasm -w-all -f bin -o %s %s", bin, src);
    if (write_source(src, file, list) && !system(command)) {
        FILE *f = fopen(bin, "rb");

        good = f && fread(out, STRIDE, list->count, f) == list->count;
        if (f) {
            fclose(f);
        }
    }
    remove(src);
    remove(bin);
    rmdir(dir);
    free(src);
    free(bin);
    free(command);
    if (!good) {
        printf("%s: does not assemble\n", file);
        free(out);
        return NULL;
    }
    return out;
}

/* ---- Recording ---- */

static void record_flags(const struct expectation *e, const struct insn_state *got)
{
    for (size_t n = 0; n < ARRAY_LEN(flag_names); n++) {
        uint32_t bit = flag_names[n].bit;
        bool same_out = !((got[0].eflags ^ got[1].eflags) & bit);
        bool same_in = !((e[0].in.eflags ^ e[1].in.eflags) & bit);
        bool changed =
            (got[0].eflags ^ e[0].in.eflags) & bit || (got[1].eflags ^ e[1].in.eflags) & bit;

        if ((e[0].ignore.eflags | EFLAGS_ID | EFLAGS_NT | EFLAGS_RF) & bit) {
            continue;
        }
        if (same_out && (changed || (!same_in && (e[0].given_flags & bit)))) {
            printf(" %s=%d", flag_names[n].name, !!(got[0].eflags & bit));
        } else if (changed) {
            printf(" %s=DEPENDS", flag_names[n].name);
        }
    }
}

static void record_memory(const struct insn_state *in, const struct insn_state *out,
                          const struct insn_state *ignore)
{
    for (unsigned n = 0; n < DATA_SIZE; n++) {
        unsigned size = 1;

        if (out->mem[n] == in->mem[n] || ignore->mem[n]) {
            continue;
        }
        for (unsigned s = 8; s > 1 && size == 1; s /= 2) {
            if (n + s <= DATA_SIZE && out->mem[n + s - 1] != in->mem[n + s - 1] && !(n % s)) {
                size = s;
            }
        }
        printf(" %c%04x=", size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'd' : 'q', DATA_OFF + n);
        for (unsigned k = size; k-- > 0;) {
            printf("%02x", out->mem[n + k]);
        }
        n += size - 1;
    }
}

/* The host's XSAVE does not tell the pointers: see compare_x87(). */
static void record_x87(const struct insn_state *in, const struct insn_state *out)
{
    const struct fpu *f = &out->fpu;

    if (f->cw != in->fpu.cw) {
        printf(" fcw=%#x", f->cw);
    }
    if (f->sw != in->fpu.sw || f->top != in->fpu.top) {
        printf(" fsw=%#x", f->sw | f->top << 11);
    }
    if (f->empty != in->fpu.empty) {
        printf(" ftw=%#x", (uint8_t)~f->empty);
    }
}

static void record_line(struct bench *b, const struct test_line *l, const uint8_t *code)
{
    struct insn_state got[2];
    struct expectation e[2];
    struct test_line plain = *l;

    plain.outputs = l->outputs + 1;
    for (unsigned pass = 0; pass < 2; pass++) {
        if (!parse_expectation(&plain, pass ? EFLAGS_STATUS : 0, &e[pass])) {
            printf("%s:%u: not understood: %s\n", b->file, l->number, l->text);
            return;
        }
        host_run(l->mode, code + 2, load_le16(code), &e[pass].in, &got[pass]);
    }
    const struct insn_state *in = &e[0].in, *out = &got[0], *ignore = &e[0].ignore;

    printf("%-26s | %-30s =>", l->code, l->inputs);
    if (out->vector != 3 || out->eip != in->eip + load_le16(code) + 1) {
        printf(" #%s", out->vector < 32 ? vector_names[out->vector] : "?");
        if (out->vector < 32 && (HAS_CODE >> out->vector & 1)) {
            printf("(%x)", out->error);
        }
        if (out->vector == EXC_PF) {
            printf(" cr2=%#x", out->cr2);
        }
    }
    for (unsigned n = 0; n < 8; n++) {
        if (out->reg[n] != in->reg[n] && !ignore->reg[n]) {
            printf(" %s=0x%x", reg32[n], out->reg[n]);
        }
    }
    record_x87(in, out);
    for (unsigned n = 0; n < 8; n++) {
        if (out->fpu.st[n].sexp != in->fpu.st[n].sexp) {
            printf(" fr%u=%04x%016" PRIx64, n, out->fpu.st[n].sexp, out->fpu.st[n].mant);
        } else if (out->fpu.st[n].mant != in->fpu.st[n].mant) {
            printf(" mm%u=%016" PRIx64, n, out->fpu.st[n].mant);
        }
        if (memcmp(&out->xmm[n], &in->xmm[n], 16)) {
            printf(" xmm%u=%016" PRIx64 "_%016" PRIx64, n, out->xmm[n].u64[1], out->xmm[n].u64[0]);
        }
    }
    if (out->mxcsr != in->mxcsr) {
        printf(" mxcsr=0x%x", out->mxcsr);
    }
    record_memory(in, out, ignore);
    record_flags(e, got);
    printf("%s\n", plain.outputs);
}

/* The file's own lines, with recordings in place. */
static void record_file(struct bench *b, const char *file)
{
    struct line_list list = {NULL, 0};
    FILE *f = fopen(file, "r");
    uint8_t *code;
    char buf[1024];
    unsigned number = 0, next = 0;

    b->file = file;
    if (!f || !read_lines(file, &list) || !(code = assemble(file, &list))) {
        b->failed++;
        return;
    }
    while (fgets(buf, sizeof(buf), f)) {
        number++;
        if (next < list.count && list.line[next].number == number) {
            if (*list.line[next].outputs == '@') {
                record_line(b, &list.line[next], code + next * STRIDE);
            } else {
                fputs(buf, stdout);
            }
            next++;
        } else {
            fputs(buf, stdout);
        }
    }
    fclose(f);
    b->passed++;
}

static void run_file(struct bench *b, const char *file)
{
    struct line_list list = {NULL, 0};
    uint8_t *code;

    b->file = file;
    if (!read_lines(file, &list)) {
        b->failed++;
    }
    code = assemble(file, &list);
    if (!code) {
        b->failed++;
    }
    for (unsigned n = 0; code && n < list.count; n++) {
        if (run_line(b, &list.line[n], code + n * STRIDE)) {
            b->passed++;
        } else {
            b->failed++;
        }
    }
    for (unsigned n = 0; n < list.count; n++) {
        free(list.line[n].text);
        free(list.line[n].code);
    }
    free(list.line);
    free(code);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct bench b = {.engines = guest_engine_list("all")};
    const char *why = getenv("INSN_NO_HOST") ? "switched off by INSN_NO_HOST" : host_open();
    glob_t files = {0};

    if (system("nasm -v >/dev/null 2>&1")) {
        printf("SKIPPED instruction lines: nasm is not installed\n0 passed, 0 failed, 1 skipped\n");
        return 77;
    }
    b.host_ready = !why;
    if (argc > 2 && !strcmp(argv[1], "--engines")) {
        b.engines = guest_engine_list(argv[2]);
        if (!b.engines) {
            return 1;
        }
        argc -= 2;
        argv += 2;
    }
    if (argc == 3 && !strcmp(argv[1], "--record") && b.host_ready) {
        record_file(&b, argv[2]);
        return b.failed;
    }
    if (why) {
        printf("SKIPPED the host's CPU as oracle: %s\n", why);
    }
    for (int n = 1; n < argc; n++) {
        run_file(&b, argv[n]);
    }
    if (argc < 2 && !glob("tests/insn/*.txt", 0, NULL, &files)) {
        for (size_t n = 0; n < files.gl_pathc; n++) {
            run_file(&b, files.gl_pathv[n]);
        }
        globfree(&files);
    }
    free_guests(&b);
    printf("%u passed, %u failed, %u skipped\n", b.passed, b.failed, why ? 1 : 0);
    return b.failed || !b.passed;
}
