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

static bool term(struct session *s, const char **p, uint64_t *value, char **error)
{
    const char *at = skip(*p);

    if (*at == '$') {
        char name[16];
        size_t n = 0;
        uint32_t v;

        for (at++; (isalnum((unsigned char)*at) || *at == '.') && n < sizeof(name) - 1; at++) {
            name[n++] = (char)tolower((unsigned char)*at);
        }
        name[n] = 0;
        if (!registers_get(s, name, &v)) {
            *error = xasprintf("unknown register '$%s'", name);
            return false;
        }
        *value = v;
    } else if (isdigit((unsigned char)*at)) {
        char *end;

        *value = strtoull(at, &end, 0);
        at = end;
        if (isalnum((unsigned char)*at)) {
            *error = xasprintf("'%s' is no number", skip(*p));
            return false;
        }
    } else {
        *error = *at ? xasprintf("unexpected '%s': write a number or $register", at)
                     : xstrdup("an address is missing");
        return false;
    }
    *p = at;
    return true;
}

bool evaluate(struct session *s, const char **p, uint64_t *value, char **error)
{
    uint64_t v;

    if (!term(s, p, value, error)) {
        return false;
    }
    for (;;) {
        const char *at = skip(*p);
        char op = *at;

        if (op != '+' && op != '-' && op != '*') {
            return true;
        }
        at++;
        if (!term(s, &at, &v, error)) {
            return false;
        }
        *p = at;
        *value = op == '+' ? *value + v : op == '-' ? *value - v : *value * v;
    }
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

static void print_number(struct text *out, const struct format *f, uint64_t v)
{
    unsigned bits = f->width * 8;
    int64_t sign = (int64_t)(v << (64 - bits)) >> (64 - bits);

    switch (f->how) {
    case 'x': text_printf(out, "0x%0*" PRIx64, (int)f->width * 2, v); break;
    case 'd': text_printf(out, "%" PRId64, sign); break;
    case 'u': text_printf(out, "%" PRIu64, v); break;
    case 'o': text_printf(out, "0%" PRIo64, v); break;
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
