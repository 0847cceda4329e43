/* SPDX-License-Identifier: MIT */
#include "frontends/registers.h"

#include <inttypes.h>
#include <string.h>

#include "cpu/cpu.h"
#include "frontends/session.h"

static void print_flags(struct text *out, uint32_t f)
{
    static const struct {
        uint32_t bit;
        char letter;
    } flags[] = {{EFLAGS_DF, 'D'}, {EFLAGS_OF, 'O'}, {EFLAGS_SF, 'S'}, {EFLAGS_ZF, 'Z'},
                 {EFLAGS_AF, 'A'}, {EFLAGS_PF, 'P'}, {EFLAGS_CF, 'C'}};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        text_printf(out, "%c", f & flags[i].bit ? flags[i].letter : '-');
    }
}

static void print_general(const struct cpu *cpu, struct text *out)
{
    const uint32_t *r = cpu->reg;
    uint32_t flags = cpu_get_eflags(cpu);
    bool a20 = cpu->mmu.pm->a20_mask == ~0u;

    text_printf(out, "EAX=%08x EBX=%08x ECX=%08x EDX=%08x\r\n", r[EAX], r[EBX], r[ECX], r[EDX]);
    text_printf(out, "ESI=%08x EDI=%08x EBP=%08x ESP=%08x\r\n", r[ESI], r[EDI], r[EBP], r[ESP]);
    text_printf(out, "EIP=%08x EFL=%08x [", cpu->eip, flags);
    print_flags(out, flags);
    text_printf(out, "] CPL=%u II=%u A20=%u SMM=0 HLT=%u\r\n", cpu->cpl, cpu->int_shadow, a20,
                cpu->halted);
}

static void print_attributes(const struct segment *g, struct text *out)
{
    static const char *const system_types[] = {
        "Reserved",   "TSS16-avl",  "LDT",       "TSS16-busy", "CallGate16", "TaskGate",
        "IntGate16",  "TrapGate16", "Reserved",  "TSS32-avl",  "Reserved",   "TSS32-busy",
        "CallGate32", "Reserved",   "IntGate32", "TrapGate32"};
    bool big = g->attr & DESC_DB;

    text_printf(out, " DPL=%u ", (g->attr & DESC_DPL) >> DESC_DPL_SHIFT);
    if (!(g->attr & DESC_S)) {
        text_puts(out, system_types[g->attr & DESC_TYPE]);
    } else if (g->attr & DESC_CODE) {
        text_printf(out, "%s [%c%c%c]", big ? "CS32" : "CS16", g->attr & DESC_C ? 'C' : '-',
                    g->attr & DESC_R ? 'R' : '-', g->attr & DESC_A ? 'A' : '-');
    } else {
        text_printf(out, "%s [%c%c%c]", big ? "DS  " : "DS16", g->attr & DESC_E ? 'E' : '-',
                    g->attr & DESC_W ? 'W' : '-', g->attr & DESC_A ? 'A' : '-');
    }
}

static void print_segment(const struct cpu *cpu, const char *name, const struct segment *g,
                          struct text *out)
{
    /* The descriptor's high dword: bits 16-19 are the limit's, which attr may leave out. */
    uint32_t limit_bits = (g->attr & DESC_G ? g->limit >> 28 : g->limit >> 16) & 15;
    uint32_t high = (g->attr & 0xf0ffu) << 8 | limit_bits << 16;

    text_printf(out, "%-3s=%04x %08x %08x %08x", name, g->sel, g->base, g->limit, high);
    if ((cpu->mmu.cr0 & CR0_PE) && (g->attr & DESC_P)) {
        print_attributes(g, out);
    }
    text_puts(out, "\r\n");
}

static void print_system(const struct cpu *cpu, struct text *out)
{
    static const char *const names[] = {"ES", "CS", "SS", "DS", "FS", "GS"};

    for (unsigned i = 0; i < 6; i++) {
        print_segment(cpu, names[i], &cpu->seg[i], out);
    }
    print_segment(cpu, "LDT", &cpu->ldtr, out);
    print_segment(cpu, "TR", &cpu->tr, out);
    text_printf(out, "GDT=     %08x %08x\r\n", cpu->gdtr.base, cpu->gdtr.limit);
    text_printf(out, "IDT=     %08x %08x\r\n", cpu->idtr.base, cpu->idtr.limit);
    text_printf(out, "CR0=%08x CR2=%08x CR3=%08x CR4=%08x\r\n", cpu->mmu.cr0, cpu->cr2,
                cpu->mmu.cr3, cpu->mmu.cr4);
    for (unsigned i = 0; i < 4; i++) {
        text_printf(out, "DR%u=%08x ", i, cpu->dr[i]);
    }
    text_printf(out, "\r\nDR6=%08x DR7=%08x\r\nEFER=%016x\r\n", cpu->dr[6], cpu->dr[7],
                cpu->mmu.nx ? 0x800u : 0);
}

static void print_fpu(const struct cpu *cpu, struct text *out)
{
    const struct fpu *f = &cpu->fpu;

    /* FTW is printed as FXSAVE stores it: a one is a register in use. */
    text_printf(out, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08x\r\n", f->cw,
                (f->sw & ~0x3800u) | (f->top & 7u) << 11, f->top & 7u, ~f->empty & 0xffu,
                cpu->mxcsr);
    for (unsigned i = 0; i < 8; i++) {
        text_printf(out, "FPR%u=%016" PRIx64 " %04x%s", i, f->st[i].mant, f->st[i].sexp,
                    i & 1 ? "\r\n" : " ");
    }
    for (unsigned i = 0; i < 8; i++) {
        text_printf(out, "XMM%02u=%016" PRIx64 " %016" PRIx64 "%s", i, cpu->xmm[i].u64[1],
                    cpu->xmm[i].u64[0], i & 1 ? "\r\n" : " ");
    }
}

void registers_print(struct session *s, struct text *out)
{
    const struct cpu *cpu = s->m->cpu;

    text_puts(out, "\r\nCPU#0\r\n");
    print_general(cpu, out);
    print_system(cpu, out);
    print_fpu(cpu, out);
}

bool registers_get(struct session *s, const char *name, uint32_t *value)
{
    static const char *const general[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segments[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    const struct cpu *cpu = s->m->cpu;
    const struct {
        const char *name;
        uint32_t value;
    } others[] = {{"eip", cpu->eip},
                  {"pc", cpu->seg[CS].base + cpu->eip},
                  {"sp", cpu->seg[SS].base + cpu->reg[ESP]},
                  {"eflags", cpu_get_eflags(cpu)},
                  {"cr0", cpu->mmu.cr0},
                  {"cr2", cpu->cr2},
                  {"cr3", cpu->mmu.cr3},
                  {"cr4", cpu->mmu.cr4},
                  {"gdt", cpu->gdtr.base},
                  {"idt", cpu->idtr.base}};

    for (unsigned i = 0; i < 8; i++) {
        if (!strcmp(name, general[i])) {
            *value = cpu->reg[i];
            return true;
        }
    }
    for (unsigned i = 0; i < 6; i++) {
        if (!strcmp(name, segments[i])) {
            *value = cpu->seg[i].sel;
            return true;
        }
        if (!strncmp(name, segments[i], 2) && !strcmp(name + 2, ".base")) {
            *value = cpu->seg[i].base;
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (!strcmp(name, others[i].name)) {
            *value = others[i].value;
            return true;
        }
    }
    return false;
}
