/* SPDX-License-Identifier: MIT */
/*
 * IR as text, one operation a line, and back:
 *
 *     ADD.4 eax, eax, 0x8 live=3f        MAPR.4 t1, t0 imm=0 aux=0 bail=2
 *
 * Fields that are 0 (or -1 for bail) are left out. The description of the flags that wait where the
 * block begins stands before it, as the operations that would store it; those that a bail or exit
 * stores stand behind it with the number that `bail` has; and how many temporaries the last
 * instruction took, if any:
 *
 *     entry: FSAVE.4 _, eax, 0x5, _ imm=0x6
 *     1: FSAVE.4 _, edx, ecx, _ imm=0xa
 *     1: FOVER.4 _, eax, _, _ imm=0x52
 *     temps: 0x2
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/types.h"
#include "cpu/lazy.h"
#include "tcg/ir.h"

static const char *const reg32[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const reg8[8] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};

static void print_value(FILE *f, unsigned kind, unsigned n, unsigned size)
{
    if (kind == IRK_TMP) {
        fprintf(f, "t%u", n);
    } else {
        fputs((size == 1 ? reg8 : reg32)[n & 7], f);
    }
}

static void print_operand(FILE *f, struct ir_opd x, unsigned size, const char **comma)
{
    if (x.kind == IRK_NONE) {
        fprintf(f, "%s _", *comma);
    } else if (x.kind == IRK_IMM) {
        fprintf(f, "%s 0x%x", *comma, (uint32_t)x.imm);
    } else if (x.kind == IRK_MEM) {
        fprintf(f, "%s [t%u + ", *comma, x.reg);
        print_value(f, x.lin_kind, x.lin, 4);
        fprintf(f, " + 0x%x]", (uint32_t)x.imm);
    } else {
        fprintf(f, "%s ", *comma);
        print_value(f, x.kind, x.reg, size);
    }
    *comma = ",";
}

static void print_insn(FILE *f, const struct ir_insn *i)
{
    const char *comma = "";

    fprintf(f, "%s.%u", ir_info[i->op].name, i->size);
    print_operand(f, i->d, i->size, &comma);
    print_operand(f, i->a, i->size, &comma);
    print_operand(f, i->b, i->size, &comma);
    print_operand(f, i->c, i->size, &comma);

    const struct {
        const char *name;
        uint32_t v;
    } field[] = {{"cc", i->cc},
                 {"aux", i->aux},
                 {"live", i->live},
                 {"restore", i->restore},
                 {"keep", i->keep},
                 {"kept", i->kept},
                 {"shared", i->shared},
                 {"insn", i->insn},
                 {"imm", i->imm},
                 {"imm2", i->imm2},
                 {"bail", (uint32_t)(i->flags + 1)}};

    for (unsigned k = 0; k < ARRAY_LEN(field); k++) {
        if (field[k].v) {
            fprintf(f, " %s=0x%x", field[k].name, field[k].v);
        }
    }
    fputc('\n', f);
}

static void print_flags(FILE *f, const char *whose, const struct ir_flags *w)
{
    struct ir_insn i = {.op = IR_FSAVE, .flags = -1};

    if (w->base) {
        i.size = (uint8_t)LAZY_SIZE(w->kind);
        i.imm = w->kind;
        i.a = w->a;
        i.b = w->b;
        fprintf(f, "%s: ", whose);
        print_insn(f, &i);
    }
    if (w->over) {
        i = (struct ir_insn){.op = IR_FOVER, .flags = -1};
        i.size = (uint8_t)LAZY_SIZE(w->over_kind);
        i.imm = w->over_kind;
        i.a = w->over_a;
        fprintf(f, "%s: ", whose);
        print_insn(f, &i);
    }
    if (!w->base && !w->over) {
        fprintf(f, "%s: none\n", whose);
    }
}

char *ir_print(const struct ir_block *b)
{
    char *text = NULL, number[16];
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (b->entry.base || b->entry.over) {
        print_flags(f, "entry", &b->entry);
    }
    for (unsigned k = 0; k < b->count; k++) {
        print_insn(f, &b->insn[k]);
    }
    for (unsigned k = 0; k < b->flags_count; k++) {
        snprintf(number, sizeof(number), "%u", k + 1);
        print_flags(f, number, &b->flags[k]);
    }
    if (b->temps) {
        fprintf(f, "temps: 0x%x\n", b->temps);
    }
    fclose(f);
    return text;
}

/* ---- parsing ---- */

static const char *skip(const char *p)
{
    while (*p == ' ' || *p == '\t') {
        p++;
    }
    return p;
}

static const char *parse_number(const char *p, uint32_t *v)
{
    char *end;
    unsigned long n = strtoul(p, &end, 0);

    *v = (uint32_t)n;
    return end == p || n > 0xffffffffu ? NULL : end;
}

/* A register or temporary. */
static const char *parse_value(const char *p, uint8_t *kind, uint8_t *n)
{
    uint32_t v;

    if (*p == 't' && isdigit((unsigned char)p[1])) {
        p = parse_number(p + 1, &v);
        *kind = IRK_TMP;
        *n = (uint8_t)v;
        return p && v < IR_TEMPS ? p : NULL;
    }
    *kind = IRK_REG;
    for (unsigned r = 0; r < 8; r++) {
        for (unsigned k = 0; k < 2; k++) {
            const char *name = k ? reg8[r] : reg32[r];
            size_t len = strlen(name);

            if (!strncmp(p, name, len) && !isalnum((unsigned char)p[len])) {
                *n = (uint8_t)r;
                return p + len;
            }
        }
    }
    return NULL;
}

static const char *expect(const char *p, const char *what)
{
    p = skip(p);
    return strncmp(p, what, strlen(what)) ? NULL : skip(p + strlen(what));
}

static const char *parse_memory(const char *p, struct ir_opd *x)
{
    uint8_t kind;
    uint32_t disp;

    x->kind = IRK_MEM;
    p = parse_value(skip(p), &kind, &x->reg);
    if (!p || kind != IRK_TMP || !(p = expect(p, "+"))) {
        return NULL;
    }
    p = parse_value(p, &x->lin_kind, &x->lin);
    if (!p || !(p = expect(p, "+")) || !(p = parse_number(p, &disp))) {
        return NULL;
    }
    x->imm = (int32_t)disp;
    return expect(p, "]");
}

static const char *parse_operand(const char *p, struct ir_opd *x)
{
    uint32_t v;

    *x = ir_none();
    p = skip(p);
    if (*p == '_') {
        return p + 1;
    }
    if (*p == '[') {
        return parse_memory(p + 1, x);
    }
    if (isdigit((unsigned char)*p)) {
        p = parse_number(p, &v);
        *x = ir_imm(v);
        return p;
    }
    return parse_value(p, &x->kind, &x->reg);
}

static const char *parse_field(const char *p, struct ir_insn *i)
{
    size_t n = strcspn(p, "= \n");
    char name[16];
    uint32_t v;

    if (n >= sizeof(name) || p[n] != '=') {
        return NULL;
    }
    memcpy(name, p, n);
    name[n] = '\0';
    p = parse_number(p + n + 1, &v);
    if (!strcmp(name, "imm")) {
        i->imm = v;
    } else if (!strcmp(name, "imm2")) {
        i->imm2 = v;
    } else if (!strcmp(name, "insn")) {
        i->insn = (uint16_t)v;
    } else if (!strcmp(name, "bail")) {
        i->flags = (int16_t)((int)v - 1);
    } else {
        uint8_t *to = !strcmp(name, "cc")        ? &i->cc
                      : !strcmp(name, "aux")     ? &i->aux
                      : !strcmp(name, "live")    ? &i->live
                      : !strcmp(name, "restore") ? &i->restore
                      : !strcmp(name, "keep")    ? &i->keep
                      : !strcmp(name, "kept")    ? &i->kept
                      : !strcmp(name, "shared")  ? &i->shared
                                                 : NULL;

        if (!to || v > 255) {
            return NULL;
        }
        *to = (uint8_t)v;
    }
    return p;
}

static const char *parse_insn(const char *p, struct ir_insn *i)
{
    size_t n = strcspn(p, ". \n");
    uint32_t size;
    struct ir_opd *operand[4] = {&i->d, &i->a, &i->b, &i->c};

    *i = (struct ir_insn){.op = IR_OPS, .flags = -1};
    for (unsigned op = 0; op < IR_OPS; op++) {
        if (strlen(ir_info[op].name) == n && !strncasecmp(ir_info[op].name, p, n)) {
            i->op = (uint8_t)op;
        }
    }
    if (i->op == IR_OPS || p[n] != '.' || !(p = parse_number(p + n + 1, &size)) || size > 16) {
        return NULL;
    }
    i->size = (uint8_t)size;
    for (unsigned k = 0; k < 4; k++) {
        if ((k && !(p = expect(p, ","))) || !(p = parse_operand(p, operand[k]))) {
            return NULL;
        }
    }
    while (*(p = skip(p)) && *p != '\n' && *p != '#') {
        if (!(p = parse_field(p, i))) {
            return NULL;
        }
    }
    return p + strcspn(p, "\n");
}

/* What is waiting, as one of the operations that store it. */
static const char *parse_flags(const char *p, struct ir_flags *w)
{
    struct ir_insn i;

    if (!strncmp(p, "none", 4)) {
        return p + 4;
    }
    p = parse_insn(p, &i);
    if (!p || i.imm > 0xffff || i.size != LAZY_SIZE(i.imm)) {
        return NULL;
    }
    if (i.op == IR_FSAVE && !w->base) {
        w->base = true;
        w->kind = (uint16_t)i.imm;
        w->a = i.a;
        w->b = i.b;
        return p;
    }
    if (i.op == IR_FOVER && !w->over) {
        w->over = true;
        w->over_kind = (uint16_t)i.imm;
        w->over_a = i.a;
        return p;
    }
    return NULL;
}

/* A line that is no operation: "entry:", "temps:" or a number. */
static const char *parse_about_block(const char *p, struct ir_block *b)
{
    static const struct ir_flags none = {.base = false};
    uint32_t n;

    if (!strncmp(p, "entry:", 6)) {
        return b->count ? NULL : parse_flags(skip(p + 6), &b->entry);
    }
    if (!strncmp(p, "temps:", 6)) {
        p = parse_number(skip(p + 6), &n);
        b->temps = n;
        return n <= IR_TEMPS ? p : NULL;
    }
    p = parse_number(p, &n);
    if (!p || *p != ':' || n == 0 || n > b->flags_count + 1 || n < b->flags_count) {
        return NULL;
    }
    if (n > b->flags_count) {
        ir_add_flags(b, &none);
    }
    return parse_flags(skip(p + 1), &b->flags[n - 1]);
}

static const char *parse_line(const char *p, struct ir_block *b)
{
    struct ir_insn i;

    if (isdigit((unsigned char)*p) || !strncmp(p, "entry:", 6) || !strncmp(p, "temps:", 6)) {
        p = parse_about_block(p, b);
        p = p ? skip(p) : NULL;
        return p && (!*p || *p == '\n' || *p == '#') ? p : NULL;
    }
    p = parse_insn(p, &i);
    if (p) {
        *ir_add(b, (enum ir_op)i.op, i.size) = i;
    }
    return p;
}

char *ir_parse(struct ir_block *b, const char *text)
{
    unsigned line = 1;

    ir_clear(b);
    for (const char *p = text; *p; line++) {
        p = skip(p);
        if (*p != '\n' && *p != '#') {
            if (!parse_line(p, b)) {
                char *message = NULL;

                if (asprintf(&message, "line %u: not an operation: %.*s", line,
                             (int)strcspn(p, "\n"), p) < 0) {
                    abort();
                }
                return message;
            }
        }
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    return NULL;
}

char *ir_check_text(const struct ir_block *b)
{
    struct ir_block again;
    char *text = ir_print(b), *wrong, *second = NULL;

    ir_init(&again);
    wrong = ir_parse(&again, text);
    if (!wrong && !ir_same_block(b, &again)) {
        second = ir_print(&again);
        if (asprintf(&wrong, "what is printed parses as something else: %s", second) < 0) {
            abort();
        }
    }
    free(text);
    free(second);
    ir_free(&again);
    return wrong;
}
