/* SPDX-License-Identifier: MIT */
#include "frontends/examine.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cpu/decode.h"
#include "cpu/disasm.h"
#include "frontends/registers.h"
#include "frontends/session.h"

#define EXAMINE_MAX 65536 /* items */

static const char *skip(const char *p)
{
    while (isspace((unsigned char)*p)) {
        p++;
    }
    return p;
}

static bool fail(char **error, char *message)
{
    if (*error) {
        free(message);
    } else {
        *error = message;
    }
    return false;
}

static bool take_register(struct session *s, const char **p, uint64_t *value, char **error)
{
    const char *at = *p;
    char name[16];
    size_t n = 0;
    uint32_t v;

    for (at++; (isalnum((unsigned char)*at) || *at == '.' || *at == '_') && n < sizeof(name) - 1;
         at++) {
        name[n++] = (char)tolower((unsigned char)*at);
    }
    name[n] = 0;
    if (!registers_get(s, name, &v)) {
        return fail(error, xasprintf("unknown register '$%s'", name));
    }
    *value = v;
    *p = at;
    return true;
}

/* How deep parentheses and signs may be nested: text comes from anywhere. */
#define EXPRESSION_DEPTH 64

static bool expression(struct session *s, const char **p, unsigned level, unsigned depth,
                       uint64_t *value, char **error);

static bool primary(struct session *s, const char **p, unsigned depth, uint64_t *value,
                    char **error)
{
    const char *at = skip(*p);
    char sign = *at;

    if (depth == EXPRESSION_DEPTH) {
        return fail(error, xstrdup("the expression is nested too deep"));
    }
    if (sign == '(') {
        at++;
        if (!expression(s, &at, 0, depth + 1, value, error)) {
            return false;
        }
        at = skip(at);
        if (*at != ')') {
            return fail(error, xstrdup("')' expected"));
        }
        at++;
    } else if (sign == '+' || sign == '-' || sign == '~') {
        at++;
        if (!primary(s, &at, depth + 1, value, error)) {
            return false;
        }
        *value = sign == '-' ? 0 - *value : sign == '~' ? ~*value : *value;
    } else if (sign == '$') {
        if (!take_register(s, &at, value, error)) {
            return false;
        }
    } else if (sign == '\'' && at[1] && at[2] == '\'') {
        *value = (uint8_t)at[1];
        at += 3;
    } else if (isdigit((unsigned char)sign)) {
        char *end;

        *value = strtoull(at, &end, 0);
        at = end;
        if (isalnum((unsigned char)*at)) {
            return fail(error, xasprintf("'%s' is no number", skip(*p)));
        }
    } else {
        return fail(error, sign ? xasprintf("unexpected '%s': write a number or $register", at)
                                : xstrdup("unexpected end of expression"));
    }
    *p = at;
    return true;
}

static bool apply(char op, uint64_t *a, uint64_t b, char **error)
{
    switch (op) {
    case '+': *a += b; break;
    case '-': *a -= b; break;
    case '&': *a &= b; break;
    case '|': *a |= b; break;
    case '^': *a ^= b; break;
    case '*': *a *= b; break;
    default:
        if (!b) {
            return fail(error, xstrdup("division by zero"));
        }
        *a = op == '/' ? *a / b : *a % b;
        break;
    }
    return true;
}

/* Level 0: + and -; 1: & | ^; 2: * / %: QEMU's order. */
static bool expression(struct session *s, const char **p, unsigned level, unsigned depth,
                       uint64_t *value, char **error)
{
    static const char *const operators[] = {"+-", "&|^", "*/%"};
    uint64_t v;

    if (level == ARRAY_LEN(operators)) {
        return primary(s, p, depth, value, error);
    }
    if (!expression(s, p, level + 1, depth, value, error)) {
        return false;
    }
    for (;;) {
        const char *at = skip(*p);
        char op = *at;

        if (!op || !strchr(operators[level], op)) {
            return true;
        }
        at++;
        if (!expression(s, &at, level + 1, depth, &v, error) || !apply(op, value, v, error)) {
            return false;
        }
        *p = at;
    }
}

bool evaluate(struct session *s, const char **p, uint64_t *value, char **error)
{
    return expression(s, p, 0, 0, value, error);
}

/* What to print. */
struct format {
    unsigned count;
    char how;       /* x d u o c i */
    unsigned width; /* bytes */
};

static bool parse_format(const char **p, struct format *f, char **error)
{
    const char *at = skip(*p);

    *f = (struct format){.count = 1, .how = 'x', .width = 4};
    if (*at != '/') {
        return true;
    }
    at++;
    if (isdigit((unsigned char)*at)) {
        char *end;
        unsigned long n = strtoul(at, &end, 10);

        f->count = n > EXAMINE_MAX ? EXAMINE_MAX : (unsigned)n;
        at = end;
    }
    for (; *at && !isspace((unsigned char)*at); at++) {
        switch (*at) {
        case 'x':
        case 'd':
        case 'u':
        case 'o':
        case 'i': f->how = *at; break;
        case 'c':
            f->how = 'c';
            f->width = 1;
            break;
        case 'b': f->width = 1; break;
        case 'h': f->width = 2; break;
        case 'w': f->width = 4; break;
        case 'g': f->width = 8; break;
        default: *error = xasprintf("invalid char in format: '%c'", *at); return false;
        }
    }
    *p = at;
    return true;
}

/* False: a page of it is not mapped. */
static bool fetch(struct session *s, uint64_t addr, void *buf, size_t n, bool linear)
{
    for (uint8_t *p = buf; n; n--, p++, addr++) {
        phys_addr_t phys = addr;
        uint32_t error_code;

        if (linear) {
            addr = (uint32_t)addr;
            if (!mmu_probe(&s->m->cpu->mmu, (linear_addr_t)addr, MMU_READ, false, &phys,
                           &error_code)) {
                return false;
            }
            phys = physmem_a20(&s->m->mem, phys);
        }
        physmem_read(&s->m->mem, phys, p, 1);
    }
    return true;
}

static void print_char(struct text *out, uint8_t c)
{
    if (c == '\'' || c == '\\') {
        text_printf(out, "'\\%c'", c);
    } else if (c >= ' ' && c < 0x7f) {
        text_printf(out, "'%c'", c);
    } else {
        text_printf(out, "'\\x%02x'", c);
    }
}

/* Digits of the largest number: numbers stand below one another. */
static int digits(const struct format *f)
{
    static const int octal[] = {0, 3, 6, 0, 11, 0, 0, 0, 22};
    static const int decimal[] = {0, 3, 5, 0, 10, 0, 0, 0, 20};

    return f->how == 'o' ? octal[f->width] : decimal[f->width];
}

static void print_number(struct text *out, const struct format *f, uint64_t v)
{
    unsigned bits = f->width * 8;
    int64_t sign = (int64_t)(v << (64 - bits)) >> (64 - bits);

    switch (f->how) {
    case 'x': text_printf(out, "0x%0*" PRIx64, (int)f->width * 2, v); break;
    case 'd': text_printf(out, "%*" PRId64, digits(f), sign); break;
    case 'u': text_printf(out, "%*" PRIu64, digits(f), v); break;
    case 'o': text_printf(out, "%#*" PRIo64, digits(f), v); break;
    default: print_char(out, (uint8_t)v); break;
    }
}

static void print_data(struct session *s, const struct format *f, uint64_t addr, bool linear,
                       struct text *out)
{
    unsigned per_line = f->how == 'c' || f->width == 1 ? 8 : 16 / f->width;

    for (unsigned i = 0; i < f->count; i++, addr += f->width) {
        uint8_t b[8] = {0};

        if (i % per_line == 0) {
            text_printf(out, "%s%0*" PRIx64 ":", i ? "\r\n" : "", linear ? 8 : 16,
                        linear ? (uint32_t)addr : addr);
        }
        if (!fetch(s, addr, b, f->width, linear)) {
            text_puts(out, "\r\nCannot access memory");
            break;
        }
        text_puts(out, " ");
        print_number(out, f, load_le64(b));
    }
    text_puts(out, "\r\n");
}

static void print_code(struct session *s, unsigned count, uint64_t addr, bool linear,
                       struct text *out)
{
    const struct decode_table *table = decode_table_new();
    const struct cpu *cpu = s->m->cpu;
    const struct segment *cs = &cpu->seg[CS];

    for (unsigned i = 0; i < count; i++) {
        uint8_t code[15];
        struct insn insn;
        char line[128];
        unsigned avail = 0;

        while (avail < sizeof(code) && fetch(s, addr + avail, &code[avail], 1, linear)) {
            avail++;
        }
        if (!avail) {
            text_puts(out, "Cannot access memory\r\n");
            break;
        }
        unsigned len = 1;

        snprintf(line, sizeof(line), "(bad)");
        if (decode_insn(table, code, avail, cs->attr & DESC_DB, cpu->features, &insn) ==
            DECODE_OK) {
            disasm_insn(&insn, (uint32_t)addr - cs->base, line, sizeof(line));
            len = insn.len;
        }
        text_printf(out, "0x%08" PRIx64 ":  ", addr);
        for (unsigned j = 0; j < 8; j++) {
            text_printf(out, j < len ? "%02x " : "   ", j < len ? code[j] : 0);
        }
        text_printf(out, " %s\r\n", line);
        addr += len;
    }
    decode_table_free(table);
}

void examine(struct session *s, const char *args, bool linear, struct text *out)
{
    struct format f;
    uint64_t addr;
    char *error = NULL;

    if (parse_format(&args, &f, &error) && evaluate(s, &args, &addr, &error)) {
        if (*skip(args)) {
            error = xasprintf("extraneous characters at the end: '%s'", skip(args));
        } else if (f.how == 'i') {
            print_code(s, f.count, addr, linear, out);
        } else {
            print_data(s, &f, addr, linear, out);
        }
    }
    if (error) {
        text_printf(out, "%s\r\n", error);
    }
    free(error);
}

/* As QEMU's print: the numbers have no width. */
void examine_print(struct session *s, const char *args, struct text *out)
{
    struct format f;
    uint64_t v;
    char *error = NULL;

    if (parse_format(&args, &f, &error) && evaluate(s, &args, &v, &error)) {
        if (*skip(args)) {
            error = xasprintf("extraneous characters at the end: '%s'", skip(args));
        } else if (f.how == 'd') {
            text_printf(out, "%" PRId64 "\r\n", (int64_t)v);
        } else if (f.how == 'u') {
            text_printf(out, "%" PRIu64 "\r\n", v);
        } else if (f.how == 'o') {
            text_printf(out, "%#" PRIo64 "\r\n", v);
        } else if (f.how == 'c') {
            print_char(out, (uint8_t)v);
            text_puts(out, "\r\n");
        } else {
            text_printf(out, "%#" PRIx64 "\r\n", v);
        }
    }
    if (error) {
        text_printf(out, "%s\r\n", error);
    }
    free(error);
}
