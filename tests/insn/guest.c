/* SPDX-License-Identifier: MIT */
/*
 * A bare machine around struct cpu for instruction tests: RAM, descriptor tables, page tables of
 * both kinds, and one HLT per exception vector.
 */
#include "tests/insn/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/interp.h"
#include "cpu/ops.h"
#include "tcg/exec.h"

void insn_plain_state(struct insn_state *s)
{
    memset(s, 0, sizeof(*s));
    for (uint32_t n = 0; n < 8; n++) {
        s->reg[n] = 0x81f2e3d4u + n * 0x10305070u;
        s->fpu.st[n] = (struct f80){.mant = 0x1122334455667788u * (n + 1), .sexp = 0xffff};
        s->xmm[n].u64[0] = 0x0123456789abcdefu + n;
        s->xmm[n].u64[1] = 0xfedcba9876543210u - n;
    }
    s->reg[ESP] = DATA_OFF + 0x800;
    s->eflags = EFLAGS_1 | EFLAGS_IF;
    s->eip = CODE_OFF;
    s->fpu.cw = 0x37f;
    s->mxcsr = 0x1f80;
    s->cr0 = START_CR0;
    s->cr4 = START_CR4;
    for (uint32_t n = 0; n < DATA_SIZE; n++) {
        s->mem[n] = (uint8_t)(0xa5 ^ n ^ n >> 8);
    }
}

/* Rights of the pages from USER_BASE on; 0: not there. */
static const struct {
    uint8_t rights;
    bool nx;
} user_pages[AREA_END >> 12] = {
    [1] = {PTE_P | PTE_RW | PTE_US, false},  [2] = {PTE_P | PTE_RW | PTE_US, true},
    [3] = {PTE_P | PTE_RW | PTE_US, true},   [10] = {PTE_P | PTE_RW | PTE_US, false},
    [11] = {PTE_P | PTE_RW | PTE_US, false}, [13] = {PTE_P | PTE_US, true},
};

struct guest {
    struct physmem pm;
    struct cpu *cpu;
    enum guest_engine engine;
    bool ready; /* CR0, CR4 and mode are as the last run left them: */
    enum insn_mode mode;
    uint32_t cr0, cr4;
    bool flat;
    uint32_t system, user;       /* linear: of the structures above; of offset 0 */
    uint8_t fresh[RAM_SIZE];     /* the structures, the pages, and what lies between */
    uint8_t code[3 * PAGE_SIZE]; /* as the sequence began */

    /* ENGINE_LOCKSTEP. */
    struct guest *twin; /* the interpreter's machine */
    enum cpu_exit twin_exit;
    bool (*run_block)(struct cpu *cpu, struct block *b); /* the translator's */
    bool same;                                           /* this run: so far */
    bool differed;
};

const char *const guest_engine_names[ENGINE_COUNT] = {
    [ENGINE_INTERP] = "interp",
    [ENGINE_INTERP_STEP] = "interp-step",
    [ENGINE_TCG] = "tcg",
    [ENGINE_TCG_NOOPT] = "tcg-noopt",
    [ENGINE_TCG_ONE] = "tcg-one",
    [ENGINE_TCG_SLICES] = "tcg-slices",
    [ENGINE_TCG_AGAIN] = "tcg-again",
    [ENGINE_LOCKSTEP] = "lockstep",
};

unsigned guest_engine_list(const char *names)
{
    unsigned list = 0;

    if (!strcmp(names, "all")) {
        for (unsigned n = 0; n < ENGINE_COUNT; n++) {
            list |= (unsigned)guest_engine_exists(n) << n;
        }
        return list;
    }
    while (*names) {
        size_t len = strcspn(names, ",");
        unsigned n = 0;

        while (n < ENGINE_COUNT && (strlen(guest_engine_names[n]) != len ||
                                    strncmp(names, guest_engine_names[n], len))) {
            n++;
        }
        if (n == ENGINE_COUNT) {
            printf("engine %.*s is unknown. There are:", (int)len, names);
            for (n = 0; n < ENGINE_COUNT; n++) {
                printf(" %s", guest_engine_names[n]);
            }
            printf("\n");
            return 0;
        }
        list |= 1u << n;
        names += len + (names[len] == ',');
    }
    return list;
}

static uint32_t no_io_read(void *opaque, uint16_t port, unsigned size)
{
    (void)opaque;
    (void)port;
    (void)size;
    return 0xffffffff;
}

static void no_io_write(void *opaque, uint16_t port, uint32_t val, unsigned size)
{
    (void)opaque;
    (void)port;
    (void)val;
    (void)size;
}

/* The interrupt of run_system(), once. */
static int int_ack(void *opaque)
{
    struct guest *g = opaque;
    bool there = g->cpu->intr;

    cpu_set_intr(g->cpu, false);
    return there ? EVENT_VECTOR : -1;
}

static uint64_t no_tsc(void *opaque)
{
    (void)opaque;
    return 0;
}

static void no_ferr(void *opaque, bool level)
{
    (void)opaque;
    (void)level;
}

static void put32(struct guest *g, uint32_t addr, uint32_t v)
{
    uint8_t b[4];

    store_le32(b, v);
    physmem_write(&g->pm, addr, b, 4);
}

/* attr as in struct segment; limit in its units. */
static void put_descriptor(struct guest *g, uint32_t addr, uint32_t base, uint32_t limit,
                           uint32_t attr)
{
    put32(g, addr, base << 16 | (limit & 0xffff));
    put32(g, addr + 4, (base & 0xff000000u) | (limit & 0xf0000) | attr << 8 | (base >> 16 & 0xff));
}

static void build_page_tables(struct guest *g)
{
    put32(g, PAGE_DIR, PAGE_TABLE | PTE_P | PTE_RW | PTE_US);
    put32(g, PAE_DIR_POINTERS, PAE_DIR | PTE_P);
    put32(g, PAE_DIR, PAE_TABLE | PTE_P | PTE_RW | PTE_US);
    put32(g, FLAT_DIR, FLAT_TABLE | PTE_P | PTE_RW | PTE_US);
    for (unsigned n = 0; n < SYSTEM_PAGES; n++) {
        put32(g, PAGE_TABLE + 4 * n, n << 12 | PTE_P | PTE_RW);
        put32(g, PAE_TABLE + 8 * n, n << 12 | PTE_P | PTE_RW);
        put32(g, FLAT_TABLE + 4 * ((FLAT_SYSTEM >> 12) + n), n << 12 | PTE_P | PTE_RW);
    }
    for (unsigned n = 0; n < ARRAY_LEN(user_pages); n++) {
        uint32_t pte = (REAL_BASE + (n << 12)) | user_pages[n].rights, at = (USER_BASE >> 12) + n;

        if (user_pages[n].rights) {
            put32(g, PAGE_TABLE + 4 * at, pte);
            put32(g, FLAT_TABLE + 4 * n, pte);
            put32(g, PAE_TABLE + 8 * at, pte);
            put32(g, PAE_TABLE + 8 * at + 4, user_pages[n].nx ? 1u << 31 : 0);
        }
    }
    for (uint32_t n = 0; n < PAGE_SIZE; n++) {
        uint8_t byte = (uint8_t)(n ^ 0xa5);

        physmem_write(&g->pm, REAL_BASE + RO_OFF + n, &byte, 1);
    }
}

/* The LDT's data segments that are not like the others. */
static const struct {
    unsigned seg; /* that holds it at the start */
    uint16_t sel;
    uint32_t base, limit;
    uint16_t attr;
} special_segments[] = {
    {FS, SEL_LIMITED, LIMITED_OFF, 0x7ff, 0x40f3},
    {GS, SEL_DOWN, 0, DOWN_LIMIT, 0x40f7},
    {SEG_NONE, SEL_READONLY, 0, 0xfffff, 0x40f1},
    {SEG_NONE, SEL_ABSENT, 0, 0xfffff, 0x4073},
    {SEG_NONE, SEL_ABSENT_CONFORMING, 0, 0xff, 0xc07f},
    {SEG_NONE, SEL_EXECUTE_ONLY, 0, 0xff, 0xc0f9},
    {SEG_NONE, SEL_SHORT_CODE, 0, SHORT_LIMIT, 0x40fb},
    {SEG_NONE, SEL_ABSENT_CODE, 0, 0xff, 0xc07b},
    {SEG_NONE, SEL_DOWN_16, 0, DOWN_LIMIT, 0x00f7},
    {SEG_NONE, SEL_DOWN_READONLY, 0, DOWN_LIMIT + 0x800, 0x40f5},
    {SEG_NONE, SEL_DOWN_PAGES, 0, 1, 0xc0f7},
    {SEG_NONE, SEL_TINY, DATA_OFF, 0, 0x40f3},
};

static void build_ldt(struct guest *g, uint32_t at, uint32_t base, uint32_t pages)
{
    static const uint16_t attr[4] = {0xc0fb, 0xc0f3, 0x80fb, 0x80f3};

    for (unsigned n = 0; n < 4; n++) {
        put_descriptor(g, at + 8 * n, base, pages, attr[n]);
    }
    for (unsigned n = 0; n < ARRAY_LEN(special_segments); n++) {
        put_descriptor(g, at + (special_segments[n].sel & ~7u), base + special_segments[n].base,
                       special_segments[n].limit, special_segments[n].attr);
    }
}

static void put_gate(struct guest *g, uint32_t idt, unsigned v, uint32_t to)
{
    put32(g, idt + 8 * v, 0x08u << 16 | (to & 0xffff));
    put32(g, idt + 8 * v + 4, (to & 0xffff0000u) | (v == 3 || v == 4 ? 0xee00 : 0x8e00));
}

static void build_tables(struct guest *g)
{
    build_ldt(g, LDT, USER_BASE, 0xff);
    build_ldt(g, FLAT_LDT, 0, 0xfffff);
    put_descriptor(g, GDT + 0x08, 0, 0xfffff, 0xc09b);
    put_descriptor(g, GDT + 0x10, 0, 0xfffff, 0xc093);
    put_descriptor(g, GDT + 0x18, LDT, 8 * SEL_COUNT - 1, 0x0082);
    put_descriptor(g, GDT + 0x20, TSS, 0x67, 0x008b);
    put32(g, TSS + 4, STACK_TOP);
    put32(g, TSS + 8, 0x10);
    put32(g, TSS + 0x64, 0x68u << 16);
    for (unsigned v = 0; v < 256; v++) {
        static const uint8_t hlt = 0xf4;
        uint32_t to = HANDLERS + v;

        physmem_write(&g->pm, to, &hlt, 1);
        put32(g, 4 * v, to);
        put_gate(g, IDT, v, to);
        put_gate(g, FLAT_IDT, v, FLAT_SYSTEM + to);
    }
    build_page_tables(g);
}

static bool translates(enum guest_engine engine)
{
    return engine != ENGINE_INTERP && engine != ENGINE_INTERP_STEP;
}

#define SMALL_CODE (256u << 10) /* two regions, which make room for each other all the time */

static unsigned share_least(enum guest_engine engine)
{
    switch (engine) {
    case ENGINE_TCG_NOOPT: return 0;
    case ENGINE_TCG_AGAIN: return 1;
    default: return 2;
    }
}

static bool attach(struct guest *g)
{
    struct tcg_options options = {.optimise = g->engine != ENGINE_TCG_NOOPT,
                                  .chain =
                                      g->engine != ENGINE_TCG_NOOPT && g->engine != ENGINE_LOCKSTEP,
                                  .threshold = 0,
                                  .patience = 0,
                                  .share = share_least(g->engine),
                                  .block_max = g->engine == ENGINE_TCG_ONE,
                                  .code_size = g->engine == ENGINE_TCG_SLICES ? SMALL_CODE : 0};

    return !translates(g->engine) || tcg_attach(g->cpu, &options);
}

bool guest_engine_exists(enum guest_engine engine)
{
    return !translates(engine) || tcg_supported();
}

/* ---- Lockstep: the interpreter goes as far as the translator has, and is compared ---- */

static void print_state_line(void *opaque, const char *line)
{
    (void)opaque;
    printf("#   %s\n", line);
}

void guest_print_difference(struct guest *a, struct guest *b)
{
    unsigned told = 0;

    state_diff(cpu_state, a->cpu, b->cpu, print_state_line, NULL);
    for (uint32_t n = 0; n < RAM_SIZE && told < 8; n++) {
        if (a->pm.ram[n] != b->pm.ram[n]) {
            printf("#   physical %05x: %02x, %02x\n", n, a->pm.ram[n], b->pm.ram[n]);
            told++;
        }
    }
}

bool guest_differed(struct guest *g)
{
    bool differed = g->differed;

    g->differed = false;
    return differed;
}

/* Behind STI translated code goes on at once if no interrupt is due: the shadow holds none back. */
static bool same_cpu(struct cpu *a, struct cpu *b)
{
    uint8_t shadow = b->int_shadow;
    bool same;

    if (!a->int_shadow && shadow == SHADOW_STI && !b->intr && !b->nmi_pending) {
        b->int_shadow = 0;
    }
    same = state_hash(cpu_state, a, 0) == state_hash(cpu_state, b, 0);
    b->int_shadow = shadow;
    return same;
}

/*
 * Memory from `first` on: before a block the translator's machine has fetched it, and set accessed
 * bits in the tables below REAL_BASE that the other will set.
 */
static void compare_twin(struct guest *g, uint32_t first, const char *where)
{
    struct cpu *a = g->cpu, *b = g->twin->cpu;

    if (!g->same) {
        return; /* said already */
    }
    cpu_make_canonical(a);
    cpu_make_canonical(b);
    g->same = cpu_icount(a) == cpu_icount(b) && same_cpu(a, b) &&
              !memcmp(g->pm.ram + first, g->twin->pm.ram + first, RAM_SIZE - first);
    if (!g->same) {
        g->differed = true;
        printf("# lockstep: the engines differ %s, at %04x:%08x and %04x:%08x after %llu and %llu "
               "instructions; translated first:\n",
               where, a->seg[CS].sel, a->eip, b->seg[CS].sel, b->eip,
               (unsigned long long)cpu_icount(a), (unsigned long long)cpu_icount(b));
        guest_print_difference(g, g->twin);
    }
}

static void twin_catch_up(struct guest *g)
{
    uint64_t behind = cpu_icount(g->cpu) - cpu_icount(g->twin->cpu);

    if (g->same && behind) {
        g->twin_exit = cpu_run(g->twin->cpu, (uint32_t)behind);
    }
}

/* The translator's run(): nothing is chained, so that each block comes here. */
static bool run_in_lockstep(struct cpu *cpu, struct block *b)
{
    struct guest *g = cpu->bus.opaque;
    uint64_t now = cpu_icount(cpu), icount = cpu->icount;

    engine_settle(cpu);
    twin_catch_up(g);
    cpu_run(g->twin->cpu, 0); /* an interrupt that has come is taken, as it was here */
    cpu->icount = now;        /* which the table has: as cpu_run() will set it */
    compare_twin(g, REAL_BASE, "before a block");
    cpu->icount = icount;
    return g->run_block(cpu, b);
}

/* Both are at the start of a run. */
static void start_lockstep(struct guest *g)
{
    g->same = true;
    g->twin_exit = CPU_EXIT_COUNT;
    g->twin->cpu->icount = g->cpu->icount;
    interp_loaded(g->twin->cpu);
}

static void end_lockstep(struct guest *g, enum cpu_exit why)
{
    twin_catch_up(g);
    compare_twin(g, 0, "in the end");
    if (g->same && why != g->twin_exit) {
        g->differed = true;
        printf("# lockstep: translated code ends with %d, the interpreter with %d\n", why,
               g->twin_exit);
    }
    if (!g->same) { /* the next run is to start alike */
        physmem_write(&g->twin->pm, 0, g->pm.ram, RAM_SIZE);
        g->ready = g->twin->ready = false;
    }
}

struct guest *guest_new(const char *model, enum guest_engine engine, char **error)
{
    struct guest *g = xcalloc(1, sizeof(*g));
    const struct cpu_bus bus = {
        .io_read = no_io_read,
        .io_write = no_io_write,
        .int_ack = int_ack,
        .tsc = no_tsc,
        .ferr = no_ferr,
        .opaque = g,
    };

    physmem_init(&g->pm, RAM_SIZE);
    g->engine = engine;
    g->cpu = cpu_create(model, &g->pm, &bus, error);
    if (!g->cpu) {
        physmem_destroy(&g->pm);
        free(g);
        return NULL;
    }
    if (!attach(g)) {
        *error = xstrdup("no translator on this host");
        guest_free(g);
        return NULL;
    }
    if (engine == ENGINE_LOCKSTEP) {
        g->twin = guest_new(model, ENGINE_INTERP, error);
        g->run_block = g->cpu->engine->run;
        g->cpu->engine->run = run_in_lockstep;
    }
    build_tables(g);
    memset(g->pm.ram + REAL_BASE + CODE_OFF, 0xcc, 0x1000);
    memset(g->pm.ram + REAL_BASE + CODE2_OFF, 0xcc, 0x2000);
    memcpy(g->fresh, g->pm.ram, sizeof(g->fresh));
    return g;
}

void guest_free(struct guest *g)
{
    if (g->twin) {
        guest_free(g->twin);
    }
    cpu_destroy(g->cpu);
    physmem_destroy(&g->pm);
    free(g);
}

static void set_segment(struct cpu *cpu, unsigned s, uint16_t sel, uint32_t base, uint32_t limit,
                        uint16_t attr)
{
    cpu->seg[s].sel = sel;
    cpu->seg[s].base = base;
    cpu->seg[s].limit = limit;
    cpu->seg[s].attr = attr;
}

static void enter_protected(struct guest *g, enum insn_mode mode)
{
    struct cpu *cpu = g->cpu;
    bool wide = mode == INSN_32;
    uint32_t limit = g->flat ? 0xffffffff : 0xfffff;

    cpu->gdtr = (struct dtable){.base = g->system + GDT, .limit = 0x27};
    cpu->idtr = (struct dtable){.base = g->system + (g->flat ? FLAT_IDT : IDT), .limit = 0x7ff};
    cpu->ldtr = (struct segment){.sel = 0x18,
                                 .base = g->system + (g->flat ? FLAT_LDT : LDT),
                                 .limit = 8 * SEL_COUNT - 1,
                                 .attr = 0x0082};
    cpu->tr = (struct segment){.sel = 0x20, .base = g->system + TSS, .limit = 0x67, .attr = 0x008b};
    set_segment(cpu, CS, wide ? SEL_CODE32 : SEL_CODE16, g->user, limit, wide ? 0xc0fb : 0x80fb);
    for (unsigned s = 0; s < 4; s++) {
        if (s != CS) {
            set_segment(cpu, s, wide ? SEL_DATA32 : SEL_DATA16, g->user, limit,
                        wide ? 0xc0f3 : 0x80f3);
        }
    }
    for (unsigned n = 0; special_segments[n].seg != SEG_NONE; n++) {
        set_segment(cpu, special_segments[n].seg, special_segments[n].sel,
                    g->user + special_segments[n].base, special_segments[n].limit,
                    special_segments[n].attr);
    }
}

static void enter_real(struct cpu *cpu)
{
    cpu->idtr = (struct dtable){.base = 0, .limit = 0x3ff};
    for (unsigned s = 0; s < 6; s++) {
        segment_set_real(cpu, s, REAL_SEGMENT);
    }
}

/* CR0, CR3, CR4, EFER.NXE. */
static void set_paging(struct guest *g, enum insn_mode mode, const struct insn_state *in)
{
    struct cpu *cpu = g->cpu;
    bool pae = in->cr4 & CR4_PAE && !in->flat;

    if (g->ready && g->mode == mode && g->cr0 == in->cr0 && g->cr4 == in->cr4 &&
        g->flat == in->flat) {
        return;
    }
    cpu_reset(cpu);
    g->flat = in->flat;
    g->system = in->flat ? FLAT_SYSTEM : 0;
    g->user = in->flat ? 0 : USER_BASE;
    put32(g, TSS + 4, g->system + STACK_TOP);
    g->ready = true;
    g->mode = mode;
    g->cr0 = in->cr0;
    g->cr4 = in->cr4;
    if (mode == INSN_REAL) {
        mmu_set_cr4(&cpu->mmu, START_CR4);
        return;
    }
    mmu_set_cr4(&cpu->mmu, pae ? in->cr4 : in->cr4 & ~CR4_PAE);
    mmu_set_nx(&cpu->mmu, pae);
    mmu_set_cr3(&cpu->mmu, pae ? PAE_DIR_POINTERS : in->flat ? FLAT_DIR : PAGE_DIR);
    mmu_set_cr0(&cpu->mmu, in->cr0 | CR0_PE | CR0_PG);
}

/* Fills code pages with INT3 where something else was left. */
static void clean_code(struct guest *g, uint32_t off, unsigned size)
{
    static uint8_t int3[2 * PAGE_SIZE];

    if (!int3[0]) {
        memset(int3, 0xcc, sizeof(int3));
    }
    if (memcmp(g->pm.ram + REAL_BASE + off, int3, size)) {
        physmem_write(&g->pm, REAL_BASE + off, int3, size);
    }
}

/* Real mode can write everywhere: what the pages do not show otherwise is put back. */
static void clean_all(struct guest *g)
{
    if (memcmp(g->pm.ram, g->fresh, sizeof(g->fresh))) {
        physmem_write(&g->pm, 0, g->fresh, sizeof(g->fresh));
    }
}

static uint32_t get(struct guest *g, uint32_t addr, unsigned size)
{
    return physmem_load(&g->pm, addr, size);
}

/* What the exception pushed. */
static void read_frame(struct guest *g, enum insn_mode mode, struct insn_state *out)
{
    struct cpu *cpu = g->cpu;
    uint32_t has_code = 0x27d00; /* 8, 10-14, 17 */

    if (mode == INSN_REAL) {
        uint32_t sp = REAL_BASE + (cpu->reg[ESP] & 0xffff);

        out->eip = get(g, sp, 2);
        out->seg[CS] = (uint16_t)get(g, sp + 2, 2);
        out->eflags = get(g, sp + 4, 2) | (cpu->eflags & EFLAGS_ID);
        out->reg[ESP] = (cpu->reg[ESP] & 0xffff0000u) | ((cpu->reg[ESP] + 6) & 0xffff);
        return;
    }
    uint32_t code = out->vector < 32 && (has_code >> out->vector & 1) ? 4 : 0;
    uint32_t sp = cpu->reg[ESP] - g->system, frame = sp + code;

    if (code) {
        out->error = get(g, sp, 4);
    }
    if (out->vector == EXC_PF) {
        out->cr2 = cpu->cr2 - g->user;
    }
    out->eip = get(g, frame, 4);
    out->seg[CS] = (uint16_t)get(g, frame + 4, 4);
    out->eflags = get(g, frame + 8, 4);
    out->reg[ESP] = get(g, frame + 12, 4);
    out->seg[SS] = (uint16_t)get(g, frame + 16, 4);
}

static void put_code(struct guest *g, enum insn_mode mode, const uint8_t *code, unsigned len,
                     const struct insn_state *in)
{
    if (mode == INSN_REAL || g->mode == INSN_REAL) {
        clean_all(g);
    }
    set_paging(g, mode, in);
    clean_code(g, CODE_OFF, PAGE_SIZE);
    clean_code(g, CODE2_OFF, 2 * PAGE_SIZE);
    physmem_write(&g->pm, REAL_BASE + in->eip, code, len);
    memcpy(g->code, g->pm.ram + REAL_BASE + CODE_OFF, PAGE_SIZE);
    memcpy(g->code + PAGE_SIZE, g->pm.ram + REAL_BASE + CODE2_OFF, 2 * PAGE_SIZE);
}

static bool code_is_the_same(const struct guest *g)
{
    return !memcmp(g->code, g->pm.ram + REAL_BASE + CODE_OFF, PAGE_SIZE) &&
           !memcmp(g->code + PAGE_SIZE, g->pm.ram + REAL_BASE + CODE2_OFF, 2 * PAGE_SIZE);
}

static void put_state(struct guest *g, enum insn_mode mode, const struct insn_state *in)
{
    struct cpu *cpu = g->cpu;

    physmem_write(&g->pm, REAL_BASE + DATA_OFF, in->mem, DATA_SIZE);
    if (mode == INSN_REAL) {
        enter_real(cpu);
    } else {
        enter_protected(g, mode);
    }
    memcpy(cpu->reg, in->reg, sizeof(in->reg));
    cpu->eip = in->eip;
    cpu_set_eflags(cpu, in->eflags, 0xffffffff);
    cpu_set_cpl(cpu, mode == INSN_REAL ? 0 : 3);
    segment_derive_all(cpu);
    cpu->fpu = in->fpu;
    memcpy(cpu->xmm, in->xmm, sizeof(cpu->xmm));
    cpu->mxcsr = in->mxcsr;
    cpu->halted = false;
    cpu->int_shadow = 0;
    cpu->debug_pending = 0;
    cpu->cr2 = 0;
}

/* How many instructions cpu_run() is asked for, when n have run. */
static unsigned run_slice(enum guest_engine engine, unsigned n)
{
    switch (engine) {
    case ENGINE_INTERP_STEP: return 1;
    case ENGINE_TCG_SLICES: return 1 + n * 5 % 9;
    default: return 2000;
    }
}

/* ---- INSN_SYSTEM: everything may change, so everything is put back and compared ---- */

static void start_system(struct guest *g, const uint8_t *code, unsigned len,
                         const struct insn_state *in)
{
    static uint8_t image[RAM_SIZE];

    guest_system_image(image, in);
    memcpy(image + REAL_BASE + in->eip, code, len);
    memcpy(image + REAL_BASE + DATA_OFF, in->mem, DATA_SIZE);
    for (uint32_t at = 0; at < RAM_SIZE; at += PAGE_SIZE) {
        if (memcmp(g->pm.ram + at, image + at, PAGE_SIZE)) {
            physmem_write(&g->pm, at, image + at, PAGE_SIZE);
        }
    }
    cpu_reset(g->cpu);
    cpu_set_intr(g->cpu, false);
    g->cpu->icount = 0;
    interp_loaded(g->cpu);
    guest_system_start(g->cpu, in);
}

bool guest_unmapped_code(struct guest *g, const struct insn_state *in)
{
    static uint8_t image[RAM_SIZE];
    static const uint16_t code_page[3] = {(REAL_BASE + CODE_OFF) >> 12,
                                          (REAL_BASE + CODE2_OFF) >> 12,
                                          ((REAL_BASE + CODE2_OFF) >> 12) + 1};
    uint32_t at[9] = {SYS_DIR, SYS_PAE_DIR_POINTERS, SYS_PAE_DIR};

    for (unsigned n = 0; n < 3; n++) {
        at[3 + n] = SYS_TABLE + 4 * code_page[n];
        at[6 + n] = SYS_PAE_TABLE + 8 * code_page[n];
    }
    guest_system_image(image, in);
    for (unsigned n = 0; n < ARRAY_LEN(at); n++) {
        if ((load_le32(image + at[n]) ^ load_le32(g->pm.ram + at[n])) &
            ~(uint32_t)(PTE_A | PTE_D)) {
            return true;
        }
    }
    return false;
}

/* Four sums side by side: it is most of what a short run costs. */
static uint64_t hash_ram(const uint8_t *ram)
{
    uint64_t h[4] = {1, 2, 3, 4};

    for (uint32_t n = 0; n < RAM_SIZE; n += 32) {
        for (unsigned k = 0; k < 4; k++) {
            h[k] = (h[k] ^ load_le64(ram + n + 8 * k)) * 0x9e3779b97f4a7c15u;
            h[k] ^= h[k] >> 29;
        }
    }
    return h[0] + 3 * h[1] + 5 * h[2] + 7 * h[3];
}

static void raise_event(struct guest *g, const struct insn_state *in)
{
    if (g->twin) {
        twin_catch_up(g);
        raise_event(g->twin, in);
    }
    if (in->event_is_nmi) {
        cpu_raise_nmi(g->cpu);
    } else {
        cpu_set_intr(g->cpu, true);
    }
}

static bool run_system(struct guest *g, const uint8_t *code, unsigned len,
                       const struct insn_state *in, struct insn_state *out)
{
    struct cpu *cpu = g->cpu;
    enum cpu_exit why = CPU_EXIT_COUNT;
    uint64_t until = in->event_at ? in->event_at : 300;

    start_system(g, code, len, in);
    if (g->twin) {
        start_system(g->twin, code, len, in);
        start_lockstep(g);
    }
    while (why == CPU_EXIT_COUNT && cpu_icount(cpu) < until) {
        uint64_t left = until - cpu_icount(cpu);
        unsigned slice = run_slice(g->engine, (unsigned)left);

        why = cpu_run(cpu, slice < left ? slice : (unsigned)left);
        if (cpu_icount(cpu) >= until && until != 300) {
            raise_event(g, in);
            until = 300;
        }
    }
    if (g->twin) {
        end_lockstep(g, why);
    }
    g->ready = false;
    memset(out, 0, sizeof(*out));
    memcpy(out->reg, cpu->reg, sizeof(out->reg));
    out->retired = cpu_icount(cpu);
    out->vector = why << 8;
    out->eip = cpu->eip;
    out->eflags = cpu_get_eflags(cpu);
    for (unsigned s = 0; s < 6; s++) {
        out->seg[s] = cpu->seg[s].sel;
    }
    cpu_make_canonical(cpu);
    out->cpu_hash = state_hash(cpu_state, cpu, 0);
    out->ram_hash = hash_ram(g->pm.ram);
    return true;
}

static enum cpu_exit run_to_end(struct guest *g)
{
    enum cpu_exit why = CPU_EXIT_COUNT;

    for (unsigned n = 0; n < 2000 && why == CPU_EXIT_COUNT;) {
        unsigned slice = run_slice(g->engine, n);

        why = cpu_run(g->cpu, slice);
        n += slice;
    }
    return why;
}

bool guest_run(struct guest *g, enum insn_mode mode, const uint8_t *code, unsigned len,
               const struct insn_state *in, struct insn_state *out)
{
    struct cpu *cpu = g->cpu;
    enum cpu_exit why;
    uint64_t before;

    if (mode == INSN_SYSTEM) {
        return run_system(g, code, len, in, out);
    }
    put_code(g, mode, code, len, in);
    put_state(g, mode, in);
    if (g->twin) {
        put_code(g->twin, mode, code, len, in);
        put_state(g->twin, mode, in);
        start_lockstep(g);
    }
    for (unsigned again = g->engine == ENGINE_TCG_AGAIN && mode != INSN_REAL ? 3 : 0;; again--) {
        before = cpu_icount(cpu);
        why = run_to_end(g);
        if (!again || why != CPU_EXIT_HALT || !code_is_the_same(g)) {
            break;
        }
        put_state(g, mode, in);
    }
    if (g->twin) {
        end_lockstep(g, why);
    }
    if (mode == INSN_REAL) { /* privileged instructions may have done anything */
        g->ready = false;
        if (g->twin) {
            g->twin->ready = false;
        }
    }
    memset(out, 0, offsetof(struct insn_state, mem));
    memcpy(out->reg, cpu->reg, sizeof(out->reg));
    out->retired = cpu_icount(cpu) - before;
    out->vector = cpu->eip - 1 - HANDLERS - (mode == INSN_REAL ? 0 : g->system);
    if (why != CPU_EXIT_HALT || out->vector > 255) {
        out->vector = 0xffff;
        out->eip = cpu->eip;
        return false;
    }
    for (unsigned s = 0; s < 6; s++) {
        out->seg[s] = cpu->seg[s].sel;
    }
    read_frame(g, mode, out);
    out->fpu = cpu->fpu;
    memcpy(out->xmm, cpu->xmm, sizeof(cpu->xmm));
    out->mxcsr = cpu->mxcsr;
    physmem_read(&g->pm, REAL_BASE + DATA_OFF, out->mem, DATA_SIZE);
    physmem_read(&g->pm, REAL_BASE + in->eip, out->code, CODE_MAX);
    if (mode == INSN_REAL && out->seg[CS] != REAL_SEGMENT) {
        return false; /* somewhere in memory that is not put back */
    }
    if (mode == INSN_REAL) { /* the frame is not the instruction's doing */
        for (uint32_t n = 0; n < 6; n++) {
            uint32_t off = ((out->reg[ESP] - 6 + n) & 0xffff) - DATA_OFF;

            if (off < DATA_SIZE) {
                out->mem[off] = in->mem[off];
            }
        }
    }
    return true;
}
