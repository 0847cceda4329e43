/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of 1 to 20 instructions from the rows of insns.def, and the states they start
 * from. Weighted towards what engines get wrong: flags that flow from one instruction to the next,
 * parts of registers, operands across pages and limits, stores into the code that runs.
 *
 * Left out: what shows the machine rather than the CPU (CPUID, SGDT, time stamps), selectors that
 * are not in the LDT, system calls.
 */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "tests/insn/gen_build.h"

enum row_class {
    C_INT,
    C_SHIFT,
    C_STRING,
    C_STACK,
    C_BRANCH,
    C_X87,
    C_MMX,
    C_SSE,
    C_MISC,
    C_COUNT
};

struct gen {
    struct gen_options options;
    uint64_t seed;
    uint16_t row[C_COUNT][INSN_ROWS];
    unsigned rows[C_COUNT];
    uint16_t only[64];
    unsigned onlys;
    uint64_t memory_number; /* which mem[] below is for */
    uint8_t mem[DATA_SIZE];
};

/* Shares of the classes in one sequence. */
static const uint8_t profiles[][C_COUNT] = {
    /* int shift string stack branch x87 mmx sse misc */
    {40, 20, 4, 8, 20, 0, 0, 0, 2},   {60, 30, 0, 0, 10, 0, 0, 0, 0},
    {20, 5, 20, 20, 15, 0, 0, 0, 6},  {15, 3, 1, 3, 8, 60, 0, 0, 1},
    {5, 0, 0, 0, 3, 90, 0, 0, 0},     {12, 3, 1, 2, 6, 5, 60, 0, 1},
    {12, 3, 1, 2, 6, 0, 0, 70, 1},    {3, 0, 0, 0, 2, 0, 0, 95, 0},
    {15, 8, 3, 5, 10, 20, 20, 20, 2}, {30, 10, 5, 20, 30, 0, 0, 0, 3},
};

uint32_t gen_rnd(struct gen *g)
{
    g->seed ^= g->seed >> 12;
    g->seed ^= g->seed << 25;
    g->seed ^= g->seed >> 27;
    return (uint32_t)(g->seed * 0x2545f4914f6cdd1du >> 32);
}

uint32_t gen_below(struct gen *g, uint32_t n)
{
    return (uint32_t)((uint64_t)gen_rnd(g) * n >> 32);
}

static bool wide(const struct gen_sequence *s)
{
    return s->mode == INSN_32 || s->mode == INSN_SYSTEM;
}

bool gen_chance(struct gen *g, unsigned percent)
{
    return gen_below(g, 100) < percent;
}

/* ---- Rows ---- */

static bool named(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (!strcmp(name, *list)) {
            return true;
        }
    }
    return false;
}

static bool row_left_out(const struct gen *g, const struct insn_info *info)
{
    /* Privileged, they have their own operands (gen_system.c); HLT ends the run. */
    static const char *const ends[] = {"HLT", NULL};
    static const char *const machine[] = {
        "CPUID",    "RDTSC",        "RDPMC",       "SGDT",         "SIDT",        "SMSW",
        "SLDT",     "STR",          "SYSENTER",    "SYSEXIT",      "IRET",        "RETF",
        "RETF_imm", "CALL_far_imm", "JMP_far_imm", "CALL_far_mem", "JMP_far_mem", "MOV_to_seg",
        "POP_seg",  "LES",          "LDS",         "LSS",          "LFS",         "LGS",
        "LAR",      "LSL",          "VERR",        "VERW",         NULL};
    /* Results within the last bit or so of each other on real CPUs. */
    static const char *const near[] = {"FSIN",      "FCOS",    "FSINCOS", "FPTAN", "FPATAN",
                                       "F2XM1",     "FYL2X",   "FYL2XP1", "RCPPS", "RCPSS",
                                       "RSQRTPS",   "RSQRTSS", "FXSAVE",  "ICEBP", "MOV_from_TR",
                                       "MOV_to_TR", NULL};

    if (g->options.system) {
        return named(info->name, ends);
    }
    return named(info->name, machine) || (g->options.host_exact && named(info->name, near));
}

static enum row_class class_of(const struct insn_info *info)
{
    static const char *const shifts[] = {"ROL", "ROR",  "RCL",  "RCR", "SHL",    "SHR",
                                         "SAR", "SHLD", "SHRD", "MUL", "IMUL_1", NULL};

    if (info->attr & (A_CPL0 | A_IO) || !strcmp(info->name, "UD")) {
        return C_MISC;
    }
    if (info->attr & A_SSE) {
        return C_SSE;
    }
    if (info->attr & A_MMX) {
        return C_MMX;
    }
    if (info->attr & A_FPU || !strcmp(info->name, "WAIT") || !strncmp(info->name, "FX", 2)) {
        return C_X87;
    }
    if (info->attr & A_BRANCH || !strcmp(info->name, "JMP_near") ||
        !strcmp(info->name, "CALL_near") || !strcmp(info->name, "RET")) {
        return C_BRANCH;
    }
    if (info->attr & A_STRING) {
        return C_STRING;
    }
    if (info->attr & A_STACK) {
        return C_STACK;
    }
    if (info->attr & A_END || !strcmp(info->name, "BOUND")) {
        return C_MISC;
    }
    return named(info->name, shifts) ? C_SHIFT : C_INT;
}

struct gen *gen_new(const struct gen_options *options)
{
    struct gen *g = xcalloc(1, sizeof(*g));

    g->options = *options;
    g->memory_number = ~0ull;
    for (uint16_t row = 1; row < INSN_ROWS; row++) {
        const struct insn_info *info = &insn_info[row];
        enum row_class c = class_of(info);

        if (options->only && !strcmp(options->only, info->name) && g->onlys < 64) {
            g->only[g->onlys++] = row;
        }
        if (!row_left_out(g, info)) {
            g->row[c][g->rows[c]++] = row;
        }
    }
    return g;
}

void gen_free(struct gen *g)
{
    free(g);
}

/* ---- Values ---- */

uint32_t gen_random32(struct gen *g)
{
    static const uint32_t edge[] = {0,          1,          2,          0x7f,       0x80,
                                    0xff,       0x100,      0x7fff,     0x8000,     0xffff,
                                    0x10000,    0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
                                    0x55555555, 9,          0x99,       0x1f,       0x20};

    switch (gen_rnd(g) & 3) {
    case 0: return edge[gen_below(g, ARRAY_LEN(edge))];
    case 1: return gen_below(g, 64);
    default: return gen_rnd(g);
    }
}

/* Half of a floating-point value, often of a special one. */
static uint32_t random_lane(struct gen *g)
{
    static const uint32_t edge[] = {0,          0x80000000, 0x3f800000, 0x7f800000, 0xff800000,
                                    0x7fc00001, 0x7f800001, 0x00000123, 0x807fffff, 0x3ff00000,
                                    0x7ff00000, 0x00100000, 0x4b000001, 0x7f7fffff, 0x00800000,
                                    0x7fefffff, 0xbf800000, 0x3f7fffff, 0x5f000000, 0xcf000000};
    uint32_t v = gen_rnd(g);

    switch (v & 7) {
    case 0:
    case 1: return edge[gen_below(g, ARRAY_LEN(edge))];
    case 2:
    case 3: return (gen_rnd(g) & 0x807fffff) | 0x3f000000 | (v >> 3 & 3) << 23;
    case 4: return (gen_rnd(g) & 0x800fffff) | 0x3ff00000 | (v >> 3 & 3) << 20;
    case 5: return v >> 27;
    default: return gen_rnd(g);
    }
}

static struct f80 random_f80(struct gen *g)
{
    uint64_t m = (uint64_t)gen_rnd(g) << 32 | gen_rnd(g), one = 1ull << 63;
    uint16_t sign = gen_rnd(g) & 0x8000;

    switch (gen_below(g, 16)) {
    case 0: return (struct f80){0, sign};
    case 1: return (struct f80){one, sign | 0x3fff};
    case 2: return (struct f80){one, sign | 0x7fff};
    case 3: return (struct f80){m | 3ull << 62, sign | 0x7fff};
    case 4: return (struct f80){(m & ~(1ull << 62)) | one | 1, sign | 0x7fff};
    case 5: return (struct f80){m & ~one, sign};                         /* denormal */
    case 6: return (struct f80){m | one, sign};                          /* pseudo-denormal */
    case 7: return (struct f80){m & ~one, sign | (gen_rnd(g) & 0x7fff)}; /* unsupported */
    case 8: return (struct f80){m | one, sign | (gen_rnd(g) & 0x7fff)};
    case 9: /* a small integer */
        return (struct f80){(uint64_t)(gen_below(g, 255) + 1) << 56 | one,
                            sign | (0x3fff + gen_below(g, 10))};
    case 10:
        return (struct f80){(m & 0xffffff0000000000u) | one, sign | (0x3ff0 + gen_below(g, 32))};
    case 11:
        return (struct f80){(m & 0xfffffffffffff800u) | one, sign | (0x3ff0 + gen_below(g, 32))};
    default: return (struct f80){m | one, sign | (0x3fc0 + gen_below(g, 128))};
    }
}

static void fill_memory(struct gen *g, uint64_t number)
{
    if (number == g->memory_number) {
        return;
    }
    uint64_t seed = g->seed;

    g->memory_number = number;
    g->seed = (number + 1) * 0x9e3779b97f4a7c15u | 1;
    for (unsigned n = 0; n < DATA_SIZE; n += 4) {
        store_le32(g->mem + n, n & 0x40 ? gen_random32(g) : random_lane(g));
    }
    for (unsigned n = 0; n + 16 <= DATA_SIZE; n += 0x100) {
        struct f80 v = random_f80(g);

        store_le64(g->mem + n, v.mant);
        store_le16(g->mem + n + 8, v.sexp);
    }
    g->seed = seed;
}

static void random_fpu(struct gen *g, struct fpu *f)
{
    f->cw = 0x37f;
    if (gen_chance(g, 40)) {
        f->cw = (uint16_t)(0x40 | 0x3f | (gen_rnd(g) & 0xf00));
    }
    if (gen_chance(g, 15)) {
        f->cw &= (uint16_t)(~0x3fu | gen_rnd(g));
    }
    f->top = gen_chance(g, 50) ? 0 : gen_rnd(g) & 7;
    f->empty = gen_chance(g, 30) ? 0xff : gen_chance(g, 50) ? 0 : (uint8_t)gen_rnd(g);
    f->sw = gen_rnd(g) & 0x4700;
    if (gen_chance(g, 20)) {
        f->sw |= gen_rnd(g) & 0x7f;
    }
    if (f->sw & ~f->cw & 0x3f) {
        if (gen_chance(g, 90)) {
            f->sw &= 0x4700;
        } else {
            f->sw |= 0x8080;
        }
    }
    for (unsigned n = 0; n < 8; n++) {
        f->st[n] = random_f80(g);
    }
}

void gen_plain_state(struct insn_state *s)
{
    insn_plain_state(s);
    s->cr4 |= CR4_PAE;
}

static void random_state(struct gen *g, struct insn_state *s, bool x87, bool sse)
{
    memset(s, 0, offsetof(struct insn_state, mem));
    memcpy(s->mem, g->mem, DATA_SIZE);
    for (unsigned n = 0; n < 8; n++) {
        s->reg[n] = gen_random32(g);
        if (n == EBX || n >= ESP) { /* pointers */
            s->reg[n] =
                DATA_OFF + 0x200 + (gen_below(g, 0x1c00) & (gen_chance(g, 80) ? ~15u : ~0u));
        }
    }
    if (gen_chance(g, 5)) {
        s->reg[ESP] = gen_chance(g, 50) ? DATA_OFF + gen_below(g, 40)
                                        : DATA_OFF + DATA_SIZE - gen_below(g, 40);
    }
    s->eflags =
        EFLAGS_1 | EFLAGS_IF | (gen_rnd(g) & EFLAGS_STATUS) | (gen_chance(g, 20) ? EFLAGS_DF : 0);
    s->eflags |= gen_chance(g, 2) ? EFLAGS_TF : 0;
    s->eflags |= (gen_chance(g, 3) ? EFLAGS_AC : 0) | (gen_chance(g, 10) ? EFLAGS_ID : 0);
    s->eip = gen_chance(g, 85) ? CODE_OFF : CODE2_OFF + 0x1000 - gen_below(g, 60);
    if (gen_chance(g, 2)) {
        s->eip = CODE_OFF + 0x1000 - gen_below(g, 40); /* runs into data */
    }
    s->cr0 = START_CR0;
    s->cr4 = START_CR4 | CR4_PAE;
    s->flat = !g->options.host_exact && gen_chance(g, 50);
    s->fpu.cw = 0x37f;
    s->fpu.empty = 0xff;
    if (x87) {
        random_fpu(g, &s->fpu);
    }
    s->mxcsr = 0x1f80;
    if (sse) {
        for (unsigned n = 0; n < 8; n++) {
            for (unsigned k = 0; k < 4; k++) {
                s->xmm[n].u32[k] = random_lane(g);
            }
        }
        switch (gen_rnd(g) & 7) {
        case 0: s->mxcsr = gen_rnd(g) & 0xffff; break;
        case 1: s->mxcsr |= gen_rnd(g) & 0xe040; break;
        case 2: s->mxcsr |= gen_rnd(g) & 0x6020; break;
        case 3: s->mxcsr |= gen_rnd(g) & 0x3f; break;
        default: break;
        }
    }
}

/* ---- Encoding ---- */

void gen_put(struct build *b, unsigned v)
{
    if (b->item->len < 15) {
        b->item->bytes[b->item->len++] = (uint8_t)v;
    }
}

void gen_put_n(struct build *b, uint32_t v, unsigned n)
{
    for (; n; n--, v >>= 8) {
        gen_put(b, v);
    }
}

/* Operands that are not in the ModRM byte although their letters look so. */
static bool fixed_operand(const char *o)
{
    static const char *const fixed[] = {"AL", "CL", "DX", "AX", "eAX", "ES",
                                        "CS", "SS", "DS", "FS", "GS",  NULL};

    return named(o, fixed);
}

static bool has_letter(const struct insn_info *info, const char *letters)
{
    for (unsigned k = 0; k < 3; k++) {
        const char *o = info->operands[k];

        if (o[0] != '_' && strchr(letters, o[0]) && !fixed_operand(o)) {
            return true;
        }
    }
    return false;
}

static unsigned random_reg(struct gen *g)
{
    static const uint8_t often[] = {EAX, ECX, EDX, EAX, ECX, EDX, EBX, EBP, ESI, EDI};

    return gen_chance(g, 96) ? often[gen_below(g, ARRAY_LEN(often))] : gen_rnd(g) & 7;
}

/* An offset that a memory operand shall have. */
static uint32_t random_offset(struct build *b)
{
    struct gen *g = b->g;

    if (b->seg == FS && gen_chance(g, 70)) {
        return gen_chance(g, 70) ? gen_below(g, 0x7f0) & ~15u : 0x800 - gen_below(g, 20);
    }
    if (b->seg == GS && gen_chance(g, 20)) {
        return DATA_OFF - 8 + gen_below(g, 16);
    }
    switch (gen_below(g, 25)) {
    case 0:
    case 1:
    case 2:
    case 3: return DATA_OFF + 0x40 + gen_below(g, 0x1f80);
    case 4: return DATA_OFF + 0x1000 - gen_below(g, 20);
    case 5: return DATA_OFF + DATA_SIZE - gen_below(g, 20);
    case 6: return DATA_OFF - gen_below(g, 20);
    case 7:
        /* A store into the code would make instructions that only the host has. */
        return gen_chance(g, 50)
                   ? RO_OFF + gen_below(g, 0x1000)
                   : b->s->in.eip + gen_below(g, 60) + (g->options.host_exact ? 0x400 : 0);
    case 8:
        return gen_chance(g, 50)   ? gen_below(g, 0xf000)
               : gen_chance(g, 50) ? 0x100000 - gen_below(g, 20)
                                   : gen_rnd(g);
    default: return DATA_OFF + 0x40 + (gen_below(g, 0x1f80) & ~15u);
    }
}

static void put_memory16(struct build *b, unsigned reg)
{
    static const struct {
        uint8_t base, index;
    } form[8] = {{EBX, ESI},      {EBX, EDI},      {EBP, ESI},      {EBP, EDI},
                 {ESI, REG_ZERO}, {EDI, REG_ZERO}, {EBP, REG_ZERO}, {EBX, REG_ZERO}};
    struct gen *g = b->g;
    uint32_t to = random_offset(b);
    unsigned rm = gen_rnd(g) & 7;

    if (gen_chance(g, 40)) {
        gen_put(b, reg << 3 | 6);
        gen_put_n(b, to, 2);
        return;
    }
    to -= b->s->in.reg[form[rm].base];
    if (form[rm].index != REG_ZERO) {
        to -= b->s->in.reg[form[rm].index];
    }
    if ((uint32_t)(int8_t)to == to || gen_chance(g, 10)) {
        gen_put(b, 0x40 | reg << 3 | rm);
        gen_put(b, to);
        return;
    }
    gen_put(b, 0x80 | reg << 3 | rm);
    gen_put_n(b, to, 2);
}

static void put_memory32(struct build *b, unsigned reg)
{
    struct gen *g = b->g;
    uint32_t to = random_offset(b);

    if (gen_chance(g, 40)) {
        gen_put(b, reg << 3 | 5);
        gen_put_n(b, to, 4);
        return;
    }
    static const uint8_t pointers[] = {EBX, EBP, ESI, EDI};
    unsigned base = gen_chance(g, 85) ? pointers[gen_below(g, 4)] : gen_rnd(g) & 7;
    bool sib = base == ESP || gen_chance(g, 30);
    unsigned index = sib && gen_chance(g, 80) ? random_reg(g) : ESP,
             scale = index == ESP ? 0 : gen_rnd(g) & 3;
    bool no_base = sib && gen_chance(g, 10);

    to -= no_base ? 0 : b->s->in.reg[base];
    if (index != ESP) {
        to -= b->s->in.reg[index] << scale;
    }
    bool small = (uint32_t)(int8_t)to == to && !no_base;
    unsigned mod = no_base                                            ? 0
                   : small && !to && base != EBP && gen_chance(g, 50) ? 0
                   : small                                            ? 1
                                                                      : 2;

    gen_put(b, mod << 6 | reg << 3 | (sib ? 4 : base));
    if (sib) {
        gen_put(b, scale << 6 | index << 3 | (no_base ? 5 : base));
    }
    gen_put_n(b, to, mod == 1 ? 1 : mod == 2 || no_base ? 4 : 0);
}

static void put_modrm(struct build *b, const struct insn_info *info, bool mem)
{
    unsigned reg = info->ext < 8 ? info->ext : random_reg(b->g);

    if (info->ext >= 0xc0 && info->ext != EXT_NONE) {
        gen_put(b, info->ext);
        return;
    }
    if (info->ext == EXT_NONE && (info->attr & (A_MMX | A_SSE))) {
        reg = gen_rnd(b->g) & 7;
    }
    if (!mem) {
        gen_put(
            b, 0xc0 | reg << 3 |
                   ((info->attr & (A_MMX | A_SSE | A_FPU)) ? gen_rnd(b->g) & 7 : random_reg(b->g)));
    } else if (b->addrsize == 2) {
        put_memory16(b, reg);
    } else {
        put_memory32(b, reg);
    }
}

static void put_immediates(struct build *b, const struct insn_info *info)
{
    for (unsigned k = 0; k < 3; k++) {
        const char *o = info->operands[k];

        if (o[0] == 'I') {
            uint32_t v = gen_random32(b->g);

            if (!strcmp(info->name, "INT_imm") && (v & 0xff) == 0x80) {
                v = 0x81;
            }
            if (!strcmp(info->name, "ENTER") || !strcmp(info->name, "RET")) {
                v = gen_below(b->g, 64);
            }
            gen_put_n(b, v, o[1] == 'b' ? 1 : o[1] == 'w' ? 2 : b->opsize);
        } else if (o[0] == 'O') {
            gen_put_n(b, random_offset(b), b->addrsize);
        }
    }
}

static void put_branch(struct build *b, const struct insn_info *info)
{
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] == 'J') {
            b->item->rel_size = info->operands[k][1] == 'b' ? 1 : (uint8_t)b->opsize;
            gen_put_n(b, 0, b->item->rel_size);
        }
    }
}

static void put_prefixes(struct build *b, const struct insn_info *info, bool mem)
{
    static const uint8_t overrides[6] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    struct gen *g = b->g;
    bool two_byte = info->opcode > 0xff, simd = info->attr & (A_MMX | A_SSE);
    bool by_prefix =
        simd || info->opcode == 0x0fae || info->opcode == 0x0fc3 || info->opcode == 0x0fc7;
    bool strings = info->attr & A_STRING;

    if ((mem || strings) && gen_chance(g, strings ? 8 : 10)) {
        b->seg = (int)gen_below(g, 6);
        gen_put(b, overrides[b->seg]);
    }
    if ((mem || strings || info->opcode == 0xe3) && gen_chance(g, 5)) {
        gen_put(b, 0x67);
        b->addrsize ^= 6;
    }
    if (!by_prefix && gen_chance(g, info->attr & A_FPU ? 3 : 25)) {
        gen_put(b, 0x66);
        b->opsize ^= 6;
    }
    /* LOCK MOV CR0 is MOV CR8 on AMD's CPUs. */
    if (gen_chance(g, info->attr & A_LOCK && mem ? 10 : 0) ||
        (gen_below(g, 300) == 0 && !(info->attr & A_CPL0))) {
        gen_put(b, 0xf0);
    }
    /* REPE LOOPNE is LOOPE on AMD's CPUs, and the other way round. */
    if (info->attr & A_REP ? gen_chance(g, 50)
                           : !two_byte && (info->opcode | 1) != 0xe1 && gen_below(g, 200) == 0) {
        gen_put(b, 0xf2 | (gen_rnd(g) & 1));
    }
    if (info->opcode >> 16) {
        gen_put(b, info->opcode >> 16);
    }
}

static void encode(struct build *b, uint16_t row)
{
    const struct insn_info *info = &insn_info[row];
    struct gen *g = b->g;
    bool modrm = info->ext != EXT_NONE || has_letter(info, "EGRMSCDTPQNVWUH");
    bool mem = modrm && !(info->ext >= 0xc0 && info->ext != EXT_NONE) &&
               !has_letter(info, "RNUH") &&
               (has_letter(info, "M") || (has_letter(info, "EQW") && gen_chance(g, 45)));
    unsigned op = info->opcode & 0xff;

    *b->item = (struct gen_item){.row = row};
    put_prefixes(b, info, mem || has_letter(info, "O"));
    if (info->opcode & 0xff00) {
        gen_put(b, 0x0f);
    }
    for (unsigned k = 0; k < 3; k++) {
        if (info->operands[k][0] == 'Z') {
            op += random_reg(g);
        }
    }
    gen_put(b, op);
    if (modrm) {
        put_modrm(b, info, mem);
    }
    put_immediates(b, info);
    put_branch(b, info);
}

/* ---- Sequences ---- */

static bool second_of_pair(const struct gen_sequence *s, unsigned n)
{
    return n < s->count && s->item[n].with_previous;
}

static void choose_target(struct gen *g, struct gen_sequence *s, unsigned at)
{
    struct gen_item *i = &s->item[at];
    unsigned forward = s->count - at;

    i->target = (uint8_t)(at + 1 + gen_below(g, forward));
    if (gen_chance(g, 6)) {
        i->target = (uint8_t)gen_below(g, at + 1);
    }
    i->target -= second_of_pair(s, i->target);
}

/* MOV BYTE [an item of the code], a byte. The item is chosen when all are there. */
static void make_self_modifying(struct build *b, const struct gen_sequence *s)
{
    unsigned size = wide(s) ? 4 : 2;

    *b->item = (struct gen_item){.addr_at = 2, .addr_size = (uint8_t)size, .row = 0};
    gen_put(b, 0xc6);
    gen_put(b, size == 2 ? 6 : 5);
    gen_put_n(b, 0, size);
    gen_put(b, 0);
}

static bool ends_in_immediate(const struct gen_item *i)
{
    return i->row && !i->rel_size && has_letter(&insn_info[i->row], "I");
}

/*
 * Which byte of which item, and what it becomes: an instruction of one byte another one, or the
 * last byte of an immediate anything; where only engines are compared, anything anything.
 */
static void aim_self_modifying(struct gen *g, struct gen_sequence *s, struct gen_item *i)
{
    static const uint8_t harmless[] = {0x90, 0x40, 0x41, 0x4a, 0x49, 0xf5, 0xf8, 0xf9,
                                       0x98, 0x99, 0x37, 0x3f, 0x27, 0x2f, 0x9f, 0x9e};
    uint8_t *value = &i->bytes[i->len - 1];

    *value = harmless[gen_below(g, ARRAY_LEN(harmless))];
    i->target = (uint8_t)gen_below(g, s->count);
    if (!g->options.host_exact && s->mode != INSN_REAL && gen_chance(g, 30)) {
        i->target_offset = (uint8_t)gen_below(g, 6);
        return;
    }
    for (unsigned n = 0; n < s->count; n++, i->target = (uint8_t)((i->target + 1) % s->count)) {
        const struct gen_item *to = &s->item[i->target];

        if (ends_in_immediate(to)) {
            i->target_offset = to->len - 1;
            *value = (uint8_t)gen_random32(g);
            return;
        }
        if (to->len == 1) {
            return;
        }
    }
    i->target = (uint8_t)s->count; /* the INT3 behind the code */
}

/* A selector of the LDT, now and then a null one. */
static unsigned random_ldt_selector(struct gen *g, unsigned percent_null)
{
    return gen_chance(g, percent_null) ? gen_below(g, 4) : gen_below(g, SEL_COUNT) << 3 | 7;
}

/* PUSH selector; POP segment register, or MOV to it. Two items. */
static void make_segment_load(struct build *b, struct gen_sequence *s, unsigned at)
{
    static const uint8_t pops[][2] = {{0x1f, 0}, {0x07, 0}, {0x0f, 0xa1}, {0x0f, 0xa9}, {0x17, 0}};
    static const uint8_t number[] = {DS, ES, FS, GS, SS};
    unsigned n = gen_below(b->g, gen_chance(b->g, 90) ? 4 : 5), reg = gen_below(b->g, 3);
    bool mov = gen_chance(b->g, 30);

    *b->item = (struct gen_item){.row = 0};
    gen_put(b, 0x6a);
    gen_put(b, random_ldt_selector(b->g, 10));
    b->item = &s->item[at + 1];
    *b->item = (struct gen_item){.row = 0, .with_previous = true};
    if (mov) { /* POP reg; MOV Sreg, reg */
        gen_put(b, 0x58 + reg);
        gen_put(b, 0x8e);
        gen_put(b, 0xc0 | number[n] << 3 | reg);
        return;
    }
    gen_put(b, pops[n][0]);
    if (pops[n][1]) {
        gen_put(b, pops[n][1]);
    }
}

/* PUSH selector; PUSH offset; LDS, LES, LFS, LGS or LSS of the stack's top. Two items. */
static void make_pointer_load(struct build *b, struct gen_sequence *s, unsigned at)
{
    static const uint16_t op[] = {0xc5, 0xc4, 0xb40f, 0xb50f, 0xb20f};
    unsigned n = gen_below(b->g, gen_chance(b->g, 90) ? 4 : 5);

    *b->item = (struct gen_item){.row = 0};
    gen_put(b, 0x6a);
    gen_put(b, random_ldt_selector(b->g, 10));
    gen_put(b, 0x68);
    gen_put_n(b, gen_random32(b->g), wide(s) ? 4 : 2);
    b->item = &s->item[at + 1];
    *b->item = (struct gen_item){.row = 0, .with_previous = true};
    if (!wide(s)) {
        gen_put(b, 0x67);
    }
    gen_put_n(b, op[n], op[n] > 0xff ? 2 : 1);
    gen_put(b, random_reg(b->g) << 3 | 4);
    gen_put(b, 0x24);
}

/* PUSH selector; LAR, LSL, VERR or VERW of the stack's top. Two items. */
static void make_descriptor_query(struct build *b, struct gen_sequence *s, unsigned at)
{
    static const uint8_t op[][3] = {
        {0x02, 0x04, 0x24}, {0x03, 0x0c, 0x24}, {0x00, 0x24, 0x24}, {0x00, 0x2c, 0x24}};
    unsigned n = gen_below(b->g, 4);

    *b->item = (struct gen_item){.row = 0};
    gen_put(b, 0x6a);
    gen_put(b, gen_below(b->g, SEL_COUNT) << 3 | 4 | (gen_rnd(b->g) & 3));
    b->item = &s->item[at + 1];
    *b->item = (struct gen_item){.row = 0, .with_previous = true};
    if (s->mode == INSN_16) {
        gen_put(b, 0x67);
    }
    gen_put(b, 0x0f);
    gen_put(b, op[n][0]);
    gen_put(b, op[n][1]);
    gen_put(b, op[n][2]);
}

/*
 * A far transfer to an item in the same segment: JMP, CALL, or what RETF and IRET want on the stack
 * and they. Up to four items; returns how many more than one.
 */
static unsigned make_far(struct build *b, struct gen_sequence *s, unsigned at)
{
    static const uint8_t bytes[4][4] = {
        {0xea}, {0x9a}, {0x0e, 0x68, 0xcb}, {0x9c, 0x0e, 0x68, 0xcf}};
    static const uint8_t items[4] = {1, 1, 3, 4};
    static const uint16_t code_selector[] = {[INSN_32] = SEL_CODE32,
                                             [INSN_16] = SEL_CODE16,
                                             [INSN_REAL] = REAL_SEGMENT,
                                             [INSN_SYSTEM] = SYS_CODE0};
    unsigned size = wide(s) ? 4 : 2, kind = gen_below(b->g, 4);
    unsigned sel = code_selector[s->mode];
    static const uint16_t others[] = {SEL_ABSENT_CONFORMING, SEL_EXECUTE_ONLY, SEL_SHORT_CODE,
                                      SEL_ABSENT_CODE, SEL_DATA32};

    if (at + items[kind] > s->count) {
        kind &= 1;
    }
    for (unsigned n = 0; n < items[kind]; n++) {
        uint8_t op = bytes[kind][n];

        b->item = &s->item[at + n];
        *b->item = (struct gen_item){.with_previous = n > 0};
        if (op == 0x0e && s->mode == INSN_32 && gen_chance(b->g, 40)) {
            gen_put(b, 0x6a); /* not PUSH CS */
            gen_put(b, others[gen_below(b->g, ARRAY_LEN(others))]);
            continue;
        }
        gen_put(b, op);
        if (op == 0xea || op == 0x9a || op == 0x68) {
            b->item->addr_at = 1;
            b->item->addr_size = (uint8_t)size;
            gen_put_n(b, 0, size);
        }
        if (kind < 2) {
            sel = s->mode == INSN_32 && gen_chance(b->g, 40)
                      ? others[gen_below(b->g, ARRAY_LEN(others))]
                      : sel;
            gen_put_n(b, s->mode != INSN_REAL && gen_chance(b->g, 10) ? sel & ~3u : sel, 2);
        }
    }
    return items[kind] - 1u;
}

static uint16_t choose_row(struct gen *g, const uint8_t *profile, bool real)
{
    unsigned sum = 0, c = 0;

    for (unsigned n = 0; n < C_COUNT; n++) {
        sum += profile[n];
    }
    unsigned v = gen_below(g, sum);

    while (v >= profile[c]) {
        v -= profile[c++];
    }

    uint16_t row = g->row[c][gen_below(g, g->rows[c])];

    /* In real mode privileged instructions would do what they do. */
    return real && insn_info[row].attr & A_CPL0 ? choose_row(g, profile, real) : row;
}

void gen_make(struct gen *g, uint64_t number, struct gen_sequence *s)
{
    g->seed = (number + 1) * 0xd1342543de82ef95u ^ 0x6a09e667f3bcc909u;
    g->seed |= !g->seed;
    gen_rnd(g);
    fill_memory(g, number >> 6);

    const uint8_t *profile = profiles[gen_below(g, ARRAY_LEN(profiles))];
    unsigned only_at = ~0u;

    s->mode = g->options.system                            ? INSN_SYSTEM
              : gen_chance(g, 80)                          ? INSN_32
              : g->options.host_exact || gen_chance(g, 50) ? INSN_16
                                                           : INSN_REAL;
    s->count = gen_chance(g, 30) ? 1 + gen_below(g, 4) : 1 + gen_below(g, GEN_ITEMS);
    random_state(g, &s->in, profile[C_X87] || profile[C_MMX], profile[C_SSE]);
    if (s->mode == INSN_SYSTEM) {
        gen_system_state(g, &s->in);
    }
    if (g->onlys) {
        only_at = gen_below(g, s->count);
    }
    for (unsigned n = 0; n < s->count; n++) {
        struct build b = {.g = g, .s = s, .item = &s->item[n], .seg = -1};
        unsigned kind = gen_below(g, 100);

        b.opsize = b.addrsize = wide(s) ? 4 : 2;
        if (n == only_at) {
            encode(&b, g->only[gen_below(g, g->onlys)]);
        } else if (s->mode == INSN_SYSTEM && gen_chance(g, 45)) {
            unsigned more = gen_system_items(&b, s, n);

            n += only_at > n && only_at <= n + more ? 0 : more;
        } else if (kind == 0 || (kind < 3 && profile[C_BRANCH] > 10)) {
            make_self_modifying(&b, s);
        } else if (kind == 4) {
            unsigned more = make_far(&b, s, n);

            n += only_at > n && only_at <= n + more ? 0 : more;
        } else if (kind == 3 && n + 1 < s->count && n + 1 != only_at && s->mode != INSN_REAL) {
            if (gen_chance(g, 50)) {
                make_segment_load(&b, s, n++);
            } else if (gen_chance(g, 40)) {
                make_pointer_load(&b, s, n++);
            } else {
                make_descriptor_query(&b, s, n++);
            }
        } else {
            encode(&b, choose_row(g, profile, s->mode == INSN_REAL));
        }
    }
    for (unsigned n = 0; n < s->count; n++) {
        if (s->item[n].rel_size || (s->item[n].addr_at && s->item[n].bytes[0] != 0xc6)) {
            choose_target(g, s, n);
        } else if (s->item[n].addr_at) {
            aim_self_modifying(g, s, &s->item[n]);
        }
    }
}

unsigned gen_layout(const struct gen_sequence *s, uint8_t *code)
{
    unsigned at[GEN_ITEMS + 1], len = 0;

    for (unsigned n = 0; n < s->count; n++) {
        at[n] = len;
        memcpy(code + len, s->item[n].bytes, s->item[n].len);
        len += s->item[n].len;
    }
    at[s->count] = len;
    for (unsigned n = 0; n < s->count; n++) {
        const struct gen_item *i = &s->item[n];
        unsigned target = i->target < s->count ? i->target : s->count;
        uint32_t rel = at[target] - at[n + 1];

        if (i->rel_size == 1) {
            code[at[n + 1] - 1] = (uint32_t)(int8_t)rel == rel ? (uint8_t)rel : 0;
        } else if (i->rel_size) {
            for (unsigned k = 0; k < i->rel_size; k++) {
                code[at[n + 1] - i->rel_size + k] = (uint8_t)(rel >> 8 * k);
            }
        }
        for (unsigned k = 0; k < i->addr_size; k++) {
            code[at[n] + i->addr_at + k] =
                (uint8_t)((s->in.eip + at[target] + i->target_offset) >> 8 * k);
        }
    }
    return len;
}
