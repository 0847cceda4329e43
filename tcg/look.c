/* SPDX-License-Identifier: MIT */
/*
 * Blocks as text: guest code, IR, host code.
 */
#define _GNU_SOURCE /* open_memstream */
#include "tcg/look.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cpu/disasm.h"
#include "tcg/translate.h"
#ifdef HAVE_CAPSTONE
#include <capstone/capstone.h>
#endif

static void guest_line(FILE *out, const struct block *b, unsigned k, const char *before)
{
    char text[96];

    disasm_insn(&b->insn[k], b->eip + b->insn[k].off, text, sizeof(text));
    fprintf(out, "%s%08x  %s\n", before, b->eip + b->insn[k].off, text);
}

void look_guest(FILE *out, const struct block *b, uint16_t cs)
{
    char before[16];

    snprintf(before, sizeof(before), "  %04x:", cs);
    for (unsigned k = 0; k < b->count; k++) {
        guest_line(out, b, k, before);
    }
}

static void hex_lines(FILE *out, const uint8_t *from, const uint8_t *to)
{
    for (const uint8_t *p = from; p < to; p++) {
        fprintf(out, "%s%02x%s", (p - from) % 32 ? " " : "    ", *p,
                (p - from) % 32 == 31 || p + 1 == to ? "\n" : "");
    }
}

#ifdef HAVE_CAPSTONE
#define STRING(x)  #x
#define VERSION(x) STRING(x)

struct capstone {
    __typeof__(cs_open) *open;
    __typeof__(cs_disasm) *disasm;
    __typeof__(cs_free) *free;
    __typeof__(cs_close) *close;
};

/* Loaded when it is first wanted, for good: its tables take 3 MiB, which few machines want. */
static bool load_capstone(struct capstone *c)
{
    void *lib = dlopen("libcapstone.so." VERSION(CS_API_MAJOR), RTLD_NOW);

    if (!lib) {
        return false;
    }
    *(void **)&c->open = dlsym(lib, "cs_open");
    *(void **)&c->disasm = dlsym(lib, "cs_disasm");
    *(void **)&c->free = dlsym(lib, "cs_free");
    *(void **)&c->close = dlsym(lib, "cs_close");
    return c->open && c->disasm && c->free && c->close;
}

static bool assembler_lines(FILE *out, const uint8_t *from, const uint8_t *to)
{
    struct capstone c;
    csh handle;
    cs_insn *insn;

    if (!load_capstone(&c) || c.open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) {
        return false;
    }
    size_t n = c.disasm(handle, from, (size_t)(to - from), (uintptr_t)from, 0, &insn);

    for (size_t k = 0; k < n; k++) {
        fprintf(out, "    %012llx  %s %s\n", (unsigned long long)insn[k].address, insn[k].mnemonic,
                insn[k].op_str);
    }
    if (n) {
        c.free(insn, n);
    }
    c.close(&handle);
    return true;
}
#else
static bool assembler_lines(FILE *out, const uint8_t *from, const uint8_t *to)
{
    (void)out;
    (void)from;
    (void)to;
    return false;
}
#endif

static void host_lines(FILE *out, const uint8_t *from, const uint8_t *to)
{
    if (!assembler_lines(out, from, to)) {
        hex_lines(out, from, to);
    }
}

void look_code(FILE *out, const uint8_t *code, uint32_t size)
{
    host_lines(out, code, code + size);
}

void look_host(FILE *out, const struct backend_job *job, const struct block *b)
{
    const uint8_t *at = job->entry;

    for (unsigned k = 0; k < job->guest_count; k++) {
        if (job->start[k] > at) {
            host_lines(out, at, job->start[k]);
            at = job->start[k];
        }
        guest_line(out, b, k, "  ; ");
    }
    host_lines(out, at, job->hot_end);
    fprintf(out, "  ; beside the way\n");
    host_lines(out, job->hot_end, job->entry + job->size);
}

static char *ir_before(const struct block *b, const struct ir_flags *entry)
{
    struct ir_block ir;
    char *text;

    ir_init(&ir);
    translate_only(&ir, b, entry);
    text = ir_print(&ir);
    ir_free(&ir);
    return text;
}

void look_translated(struct tcg *t, const struct block *b, const struct ir_flags *entry,
                     unsigned share, const struct backend_job *job)
{
    if (!log_wants(t->cpu->seg[CS].base + b->eip)) {
        return;
    }
    if (log_enabled(LOG_OP)) {
        char *before = ir_before(b, entry), *after = ir_print(&t->ir);

        log_guest_(LOG_OP, "block at %08x%s, as translated\n%s", b->eip,
                   entry ? ", entered with flags unstored" : "", before);
        log_guest_(LOG_OP, "block at %08x, after the passes%s\n%s", b->eip,
                   share ? "" : " (none that shares look-ups)", after);
        free(before);
        free(after);
    }
    if (log_enabled(LOG_OUT_ASM)) {
        char *text;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        look_host(f, job, b);
        fclose(f);
        log_guest_(LOG_OUT_ASM, "block at %08x%s: %u bytes for %u instructions\n%s", b->eip,
                   entry ? ", entered with flags unstored" : "", job->size, b->count, text);
        free(text);
    }
}
