/* SPDX-License-Identifier: MIT */
/*
 * What differs between two results of a sequence, and a sequence as a line for the .txt files.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/disasm.h"
#include "tests/insn/gen.h"

static const char *const reg_names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

static const struct {
    const char *name;
    uint32_t bit;
} flag_names[] = {
    {"cf", EFLAGS_CF}, {"pf", EFLAGS_PF}, {"af", EFLAGS_AF}, {"zf", EFLAGS_ZF},
    {"sf", EFLAGS_SF}, {"tf", EFLAGS_TF}, {"df", EFLAGS_DF}, {"of", EFLAGS_OF},
    {"rf", EFLAGS_RF}, {"ac", EFLAGS_AC}, {"id", EFLAGS_ID}, {"nt", EFLAGS_NT},
};

/* ---- Comparing ---- */

static char difference[160];

__attribute__((format(printf, 1, 2))) static const char *tell(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(difference, sizeof(difference), fmt, ap);
    va_end(ap);
    return difference;
}

static const char *compare_fpu(const struct fpu *a, const struct fpu *b, bool host)
{
    if (a->cw != b->cw) {
        return tell("fcw: %#x, %#x", a->cw, b->cw);
    }
    if (a->sw != b->sw || a->top != b->top) {
        return tell("fsw: %#x, %#x", a->sw | a->top << 11, b->sw | b->top << 11);
    }
    if (a->empty != b->empty) {
        return tell("ftw: %#x, %#x", (uint8_t)~a->empty, (uint8_t)~b->empty);
    }
    for (unsigned n = 0; n < 8; n++) {
        if (a->st[n].mant != b->st[n].mant || a->st[n].sexp != b->st[n].sexp) {
            return tell("fr%u: %04x_%016" PRIx64 ", %04x_%016" PRIx64, n, a->st[n].sexp,
                        a->st[n].mant, b->st[n].sexp, b->st[n].mant);
        }
    }
    /* AMD's XSAVE stores the pointers only if an exception is pending. */
    if (!host || (b->sw & 0x80)) {
        if (a->fip != b->fip || a->fdp != b->fdp || a->fop != b->fop) {
            return tell("fip, fdp, fop: %x %x %x, %x %x %x", a->fip, a->fdp, a->fop, b->fip, b->fdp,
                        b->fop);
        }
    }
    if (!host && (a->fcs != b->fcs || a->fds != b->fds)) {
        return tell("fcs, fds: %x %x, %x %x", a->fcs, a->fds, b->fcs, b->fds);
    }
    return NULL;
}

static const char *compare_memory(const char *what, const uint8_t *a, const uint8_t *b, unsigned n,
                                  unsigned off)
{
    if (!memcmp(a, b, n)) {
        return NULL;
    }
    for (unsigned k = 0;; k++) {
        if (a[k] != b[k]) {
            return tell("%s %x: %02x, %02x", what, off + k, a[k], b[k]);
        }
    }
}

const char *gen_compare(const struct insn_state *a, const struct insn_state *b, bool host)
{
    const char *d;

    if (a->cpu_hash != b->cpu_hash || a->ram_hash != b->ram_hash) {
        return tell("the whole state: cpu %" PRIx64 ", %" PRIx64 ", RAM %" PRIx64 ", %" PRIx64,
                    a->cpu_hash, b->cpu_hash, a->ram_hash, b->ram_hash);
    }
    if (a->vector != b->vector) {
        return tell("vector: %u at %x, %u at %x", a->vector, a->eip, b->vector, b->eip);
    }
    if (a->eip != b->eip) {
        return tell("eip: %x, %x", a->eip, b->eip);
    }
    if (!host && a->retired != b->retired) {
        return tell("instructions: %u, %u", (unsigned)a->retired, (unsigned)b->retired);
    }
    if (a->error != b->error) {
        return tell("error code: %x, %x", a->error, b->error);
    }
    if (a->cr2 != b->cr2) {
        return tell("cr2: %x, %x", a->cr2, b->cr2);
    }
    for (unsigned n = 0; n < 8; n++) {
        if (a->reg[n] != b->reg[n]) {
            return tell("%s: %x, %x", reg_names[n], a->reg[n], b->reg[n]);
        }
    }
    for (size_t n = 0; n < ARRAY_LEN(flag_names); n++) {
        if ((a->eflags ^ b->eflags) & flag_names[n].bit) {
            return tell("%s: %u, %u", flag_names[n].name, !!(a->eflags & flag_names[n].bit),
                        !!(b->eflags & flag_names[n].bit));
        }
    }
    for (unsigned n = 0; n < 6; n++) {
        /* The kernel's IRET to the signal handler turns null selectors with an RPL into 0. */
        if (a->seg[n] != b->seg[n] && !(host && a->seg[n] < 4 && b->seg[n] < 4)) {
            return tell("segment %u: %x, %x", n, a->seg[n], b->seg[n]);
        }
    }
    if ((d = compare_memory("memory", a->mem, b->mem, DATA_SIZE, DATA_OFF)) ||
        (d = compare_memory("code +", a->code, b->code, CODE_MAX, 0)) ||
        (d = compare_fpu(&a->fpu, &b->fpu, host))) {
        return d;
    }
    for (unsigned n = 0; n < 8; n++) {
        if (memcmp(&a->xmm[n], &b->xmm[n], 16)) {
            return tell("xmm%u: %016" PRIx64 "_%016" PRIx64 ", %016" PRIx64 "_%016" PRIx64, n,
                        a->xmm[n].u64[1], a->xmm[n].u64[0], b->xmm[n].u64[1], b->xmm[n].u64[0]);
        }
    }
    if (a->mxcsr != b->mxcsr) {
        return tell("mxcsr: %x, %x", a->mxcsr, b->mxcsr);
    }
    return NULL;
}

/* ---- Lines ---- */

/* name=value of what differs between a state and the one that it is told against. */
static void print_fpu(const struct fpu *f, const struct fpu *from)
{
    if (f->cw != from->cw) {
        printf(" fcw=%#x", f->cw);
    }
    if (f->sw != from->sw || f->top != from->top) {
        printf(" fsw=%#x", f->sw | f->top << 11);
    }
    if (f->empty != from->empty) {
        printf(" ftw=%#x", (uint8_t)~f->empty);
    }
    for (unsigned n = 0; n < 8; n++) {
        if (f->st[n].sexp != from->st[n].sexp) {
            printf(" fr%u=%04x%016" PRIx64, n, f->st[n].sexp, f->st[n].mant);
        } else if (f->st[n].mant != from->st[n].mant) {
            printf(" mm%u=%016" PRIx64, n, f->st[n].mant);
        }
    }
}

static void print_memory(const uint8_t *mem, const uint8_t *from)
{
    unsigned told = 0;

    for (unsigned n = 0; n < DATA_SIZE; n++) {
        unsigned size = 1;

        if (mem[n] == from[n]) {
            continue;
        }
        if (told++ == 24) {
            printf(" and-more-memory");
            return;
        }
        for (unsigned k = 8; k > 1 && size == 1; k /= 2) {
            if (n + k <= DATA_SIZE && mem[n + k - 1] != from[n + k - 1] && !(n % k)) {
                size = k;
            }
        }
        printf(" %c%04x=", size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'd' : 'q', DATA_OFF + n);
        for (unsigned k = size; k-- > 0;) {
            printf("%02x", mem[n + k]);
        }
        n += size - 1;
    }
}

static void print_state(const struct insn_state *s, const struct insn_state *from, bool output)
{
    for (unsigned n = 0; n < 8; n++) {
        if (s->reg[n] != from->reg[n]) {
            printf(" %s=0x%x", reg_names[n], s->reg[n]);
        }
    }
    for (size_t n = 0; n < ARRAY_LEN(flag_names); n++) {
        uint32_t bit = flag_names[n].bit;

        if ((s->eflags ^ from->eflags) & bit && bit != EFLAGS_RF &&
            !(output && (bit & (EFLAGS_ID | EFLAGS_NT)))) {
            printf(" %s=%d", flag_names[n].name, !!(s->eflags & bit));
        }
    }
    print_memory(s->mem, from->mem);
    print_fpu(&s->fpu, &from->fpu);
    for (unsigned n = 0; n < 8; n++) {
        if (memcmp(&s->xmm[n], &from->xmm[n], 16)) {
            printf(" xmm%u=%016" PRIx64 "_%016" PRIx64, n, s->xmm[n].u64[1], s->xmm[n].u64[0]);
        }
    }
    if (s->mxcsr != from->mxcsr) {
        printf(" mxcsr=0x%x", s->mxcsr);
    }
}

static void print_disassembly(const struct gen_sequence *s, const uint8_t *code, unsigned len)
{
    const struct decode_table *table = decode_table_new();
    char text[128];

    for (unsigned at = 0; at < len;) {
        struct insn i;

        memset(&i, 0, sizeof(i));
        if (decode_insn(table, code + at, len - at, s->mode == INSN_32 || s->mode == INSN_SYSTEM,
                        ~0ull, &i) != DECODE_OK) {
            printf("#   ...\n");
            break;
        }
        disasm_insn(&i, s->in.eip + at, text, sizeof(text));
        printf("#   %04x  %s\n", s->in.eip + at, text);
        at += i.len;
    }
    decode_table_free(table);
}

void gen_print_line(const struct gen_sequence *s, const struct insn_state *out)
{
    static const char *const vectors[32] = {
        "DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "MP",
        "TS", "NP", "SS",  "GP", "PF", "15", "MF", "AC", "MC", "XM",
    };
    static struct insn_state plain;
    uint8_t code[CODE_MAX];
    unsigned len = gen_layout(s, code);

    gen_plain_state(&plain);
    print_disassembly(s, code, len);
    if (s->mode == INSN_SYSTEM) { /* no line says all that it starts from */
        printf("# event at %u, %s\n", s->in.event_at, s->in.event_is_nmi ? "NMI" : "INTR");
        printf("# cr0=%x cr4=%x eflags=%x seed=%" PRIx64 " eax=%x ecx=%x edx=%x ebx=%x esp=%x "
               "ebp=%x esi=%x edi=%x\n",
               s->in.cr0, s->in.cr4, s->in.eflags, s->in.system_seed, s->in.reg[EAX],
               s->in.reg[ECX], s->in.reg[EDX], s->in.reg[EBX], s->in.reg[ESP], s->in.reg[EBP],
               s->in.reg[ESI], s->in.reg[EDI]);
        return;
    }
    printf("bits %d\n", s->mode == INSN_32 ? 32 : 16);
    if (s->in.eip != CODE_OFF) {
        printf("at 0x%x\n", s->in.eip);
    }
    printf("db ");
    for (unsigned n = 0; n < len; n++) {
        printf("%s0x%02x", n ? ", " : "", code[n]);
    }
    printf(" |");
    print_state(&s->in, &plain, false);
    printf(" =>");
    if (out->vector != 3 || out->eip != s->in.eip + len + 1) {
        printf(" #%s", out->vector < 32 && vectors[out->vector] ? vectors[out->vector] : "?");
        if (out->vector < 32 && (0x27d00u >> out->vector & 1) && s->mode != INSN_REAL) {
            printf("(%x)", out->error);
        }
        if (out->vector == EXC_PF) {
            printf(" cr2=%#x", out->cr2);
        }
        printf(" eip=%#x", out->eip);
    }
    print_state(out, &s->in, true);
    printf("\n");
}
