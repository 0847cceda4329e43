/* SPDX-License-Identifier: MIT */
/*
 * The generator's privileged part: control and debug registers, descriptor tables and the
 * descriptors in them, page-table entries, far transfers and returns to each level and mode, gates,
 * tasks, MSRs; with values that often do something instead of just raising #GP. For the machine of
 * guest_system.c. An item here is one to a few instructions that belong together.
 */
#include <string.h>

#include "tests/insn/gen_build.h"

#define FS_PREFIX 0x64

static uint32_t pick(struct gen *g, const uint32_t *of, unsigned n)
{
    return of[gen_below(g, n)];
}

static void put_mov(struct build *b, unsigned reg, uint32_t v)
{
    gen_put(b, 0xb8 + reg);
    gen_put_n(b, v, 4);
}

static void put_push(struct build *b, uint32_t v)
{
    gen_put(b, 0x68);
    gen_put_n(b, v, 4);
}

void gen_system_state(struct gen *g, struct insn_state *s)
{
    static const uint32_t cr0_often[] = {CR0_WP, CR0_AM, CR0_NE, CR0_MP, CR0_WP | CR0_AM},
                          cr4[] = {CR4_VME, CR4_PVI, CR4_TSD, CR4_DE, CR4_PSE, CR4_PGE, CR4_PCE};

    s->flat = false;
    s->system_seed = (uint64_t)gen_rnd(g) << 32 | gen_rnd(g);
    if (gen_chance(g, 30)) {
        s->cr0 ^= pick(g, cr0_often, ARRAY_LEN(cr0_often));
    }
    if (gen_chance(g, 8)) {
        s->cr0 ^= pick(g, (const uint32_t[]){CR0_TS, CR0_EM, CR0_PG, CR0_PG}, 4);
    }
    s->cr4 = START_CR4 | (gen_chance(g, 25) ? CR4_PAE : 0);
    for (unsigned n = 0; n < ARRAY_LEN(cr4); n++) {
        s->cr4 |= gen_chance(g, 25) ? cr4[n] : 0;
    }
    s->eflags |= gen_chance(g, 30) ? gen_rnd(g) & EFLAGS_IOPL : 0;
    s->event_at = gen_chance(g, 40) ? 1 + gen_below(g, 20) : 0;
    s->event_is_nmi = gen_chance(g, 30);
    s->eflags |= gen_chance(g, 5) ? EFLAGS_TF : 0;
    s->eflags |= gen_chance(g, 5) ? EFLAGS_RF : 0;
    s->eflags |= gen_chance(g, 4) ? EFLAGS_NT : 0;
}

/* ---- Values ---- */

static uint32_t random_selector(struct gen *g)
{
    switch (gen_below(g, 8)) {
    case 0: return gen_below(g, SEL_COUNT) << 3 | 4 | (gen_rnd(g) & 3);
    case 1: return gen_below(g, 0x140);
    case 2: return gen_below(g, 4);
    case 3: return SYS_RANDOM + (gen_rnd(g) & 0x5b);
    default: return (gen_below(g, SYS_RANDOM) & ~7u) | (gen_chance(g, 20) ? gen_rnd(g) & 3 : 0);
    }
}

static uint32_t random_linear(struct gen *g, const struct gen_sequence *s)
{
    static const uint32_t tables[] = {GDT, IDT, TSS, SYS_TABLE, SYS_PAE_TABLE, LDT};

    switch (gen_below(g, 5)) {
    case 0: return pick(g, tables, ARRAY_LEN(tables)) + gen_below(g, 0x100);
    case 1: return REAL_BASE + s->in.eip + gen_below(g, 80);
    case 2: return gen_random32(g);
    default: return REAL_BASE + DATA_OFF + gen_below(g, DATA_SIZE);
    }
}

static uint32_t random_eflags(struct gen *g)
{
    uint32_t v = EFLAGS_1 | EFLAGS_IF | (gen_rnd(g) & (EFLAGS_STATUS | EFLAGS_DF));

    v |= gen_chance(g, 20) ? gen_rnd(g) & EFLAGS_IOPL : 0;
    for (unsigned bit = 8; bit < 22; bit++) {
        v ^= bit != 17 && gen_chance(g, 5) ? 1u << bit : 0;
    }
    return v;
}

static uint32_t random_cr(struct gen *g, unsigned cr)
{
    static const uint32_t cr0[] = {CR0_WP, CR0_AM, CR0_TS, CR0_EM, CR0_MP,         CR0_NE,
                                   CR0_CD, CR0_PG, CR0_PG, CR0_PE, CR0_PE | CR0_PG},
                          cr3[] = {SYS_DIR,
                                   SYS_DIR,
                                   SYS_PAE_DIR_POINTERS,
                                   SYS_DIR | 0x18,
                                   SYS_DIR + 0x1000,
                                   PAGE_DIR,
                                   SYS_PAE_DIR_POINTERS + 0x20},
                          cr4[] = {CR4_VME, CR4_PVI, CR4_TSD, CR4_DE,     CR4_PSE,
                                   CR4_PAE, CR4_PGE, CR4_PCE, CR4_OSFXSR, CR4_OSXMMEXCPT};
    uint32_t v;

    if (gen_chance(g, 4)) {
        return gen_random32(g);
    }
    switch (cr) {
    case 0:
        v = START_CR0;
        for (unsigned n = gen_below(g, 3); n; n--) {
            v ^= pick(g, cr0, ARRAY_LEN(cr0));
        }
        return v;
    case 3: return pick(g, cr3, ARRAY_LEN(cr3));
    case 4:
        v = START_CR4;
        for (unsigned n = gen_below(g, 4); n; n--) {
            v ^= pick(g, cr4, ARRAY_LEN(cr4));
        }
        return v;
    default: return gen_random32(g);
    }
}

/* ---- Items ---- */

static void make_cr(struct build *b, const struct gen_sequence *s)
{
    static const uint32_t often[] = {0, 0, 2, 3, 3, 4, 4, 1};
    struct gen *g = b->g;
    unsigned cr = pick(g, often, ARRAY_LEN(often)), reg = gen_below(g, 4);

    (void)s;
    if (gen_chance(g, 25)) {
        gen_put_n(b, 0x200f, 2);
    } else {
        put_mov(b, reg, random_cr(g, cr));
        gen_put_n(b, 0x220f, 2);
    }
    gen_put(b, 0xc0 | cr << 3 | reg);
}

static void make_dr(struct build *b, const struct gen_sequence *s)
{
    struct gen *g = b->g;
    unsigned dr = gen_chance(g, 40) ? 7 : gen_rnd(g) & 7, reg = gen_below(g, 4);
    uint32_t v = random_linear(g, s);

    if (dr == 7) {
        v = 0x400 | (gen_rnd(g) & 0xff) | (gen_rnd(g) & gen_rnd(g) & 0xffff0000u);
        v |= gen_chance(g, 8) ? 0x2000 : 0;
    }
    if (gen_chance(g, 20)) {
        gen_put_n(b, 0x210f, 2);
    } else {
        put_mov(b, reg, v);
        gen_put_n(b, 0x230f, 2);
    }
    gen_put(b, 0xc0 | dr << 3 | reg);
}

/* PUSH base; PUSH limit; LGDT or LIDT [ESP] (16 bits of limit, then the base); or stores. */
static void make_table(struct build *b, const struct gen_sequence *s)
{
    struct gen *g = b->g;
    bool idt = gen_chance(g, 50);
    static const uint32_t limits[] = {0xff, 0x7ff, 0x47, 0x1bf, 0xffff};

    (void)s;
    if (gen_chance(g, 75)) {
        put_push(b, gen_chance(g, 85) ? idt ? IDT : GDT : gen_below(g, RAM_SIZE));
        gen_put_n(b, 0x6866, 2);
        gen_put_n(b, pick(g, limits, ARRAY_LEN(limits)), 2);
        gen_put_n(b, idt ? 0x241c010f : 0x2414010f, 4);
    } else {
        gen_put_n(b, idt ? 0x244c010f : 0x2444010f, 4);
        gen_put(b, 0xf0);
    }
}

/* MOV EAX, selector; then what takes one. */
static void make_selector(struct build *b, const struct gen_sequence *s)
{
    static const uint32_t op[] = {
        0xd88e,   0xc08e,   0xe08e,   0xe88e,   0xd08e,   /* MOV DS ES FS GS SS, AX */
        0xd0000f, 0xd8000f, 0xe0000f, 0xe8000f,           /* LLDT LTR VERR VERW */
        0xd0020f, 0xd0030f, 0xc8000f, 0xc0000f, 0xe0010f, /* LAR LSL STR SLDT SMSW */
    };
    static const uint8_t task[] = {SYS_TSS2, SYS_TSS16, 0x20, SYS_LDT2, 0x18, 0};
    struct gen *g = b->g;
    unsigned n = gen_below(g, ARRAY_LEN(op));
    bool system = n == 5 || n == 6;

    (void)s;
    put_mov(b, EAX,
            system && gen_chance(g, 70) ? task[gen_below(g, ARRAY_LEN(task))] : random_selector(g));
    gen_put_n(b, op[n], op[n] >> 16 ? 3 : 2);
}

static void make_msr(struct build *b, const struct gen_sequence *s)
{
    static const uint32_t msr[] = {0x174, 0x175, 0x176, 0xc0000080, 0x277, 0x1d9, 0x10, 0x8b};
    struct gen *g = b->g;
    uint32_t n = pick(g, msr, ARRAY_LEN(msr));

    put_mov(b, ECX, n);
    if (gen_chance(g, 25)) {
        gen_put_n(b, 0x320f, 2);
        return;
    }
    put_mov(b, EAX,
            n == 0x174          ? gen_chance(g, 70) ? SYS_CODE0 : gen_below(g, 0x100)
                     : n == 0x175 ? DATA_OFF + 0x1800
            : n == 0x176        ? s->in.eip + gen_below(g, 60)
            : n == 0xc0000080   ? (gen_rnd(g) & 1) << 11
            : gen_chance(g, 50) ? 0x00070406
                                : gen_random32(g));
    gen_put_n(b, 0xd231, 2); /* XOR EDX, EDX */
    gen_put_n(b, 0x300f, 2);
}

/* A page whose entry may change while the code runs: not the code's own, which needs a flush. */
static uint32_t random_page(struct gen *g, const struct gen_sequence *s)
{
    uint32_t page, code = (REAL_BASE + s->in.eip) >> 12;

    do {
        page = 16 + gen_below(g, 14);
    } while (page == code || page == code + 1);
    return page;
}

/* Changes a byte of a table through FS, which is flat at CPL 0. */
static void make_table_store(struct build *b, const struct gen_sequence *s)
{
    struct gen *g = b->g;
    uint32_t at, bit = 1u << gen_below(g, 8);

    switch (gen_below(g, 6)) {
    case 0: at = GDT + (random_selector(g) & 0xf8) + 5; break;
    case 1: at = LDT + 8 * gen_below(g, SEL_COUNT) + 5; break;
    case 2: at = IDT + 8 * (0x30 + gen_below(g, 16)) + 5; break;
    case 3: at = TSS + gen_below(g, 0x270); break;
    default:
        at = s->in.cr4 & CR4_PAE ? SYS_PAE_TABLE + 8 * random_page(g, s)
                                 : SYS_TABLE + 4 * random_page(g, s);
        bit = gen_chance(g, 70) ? 1u << gen_below(g, 3) : bit;
        if (gen_chance(g, 15)) { /* another page */
            at += 1;
            bit = 0x10u << gen_below(g, 4);
        }
    }
    gen_put_n(b, 0x358064, 3); /* XOR BYTE FS:[at], bit */
    gen_put_n(b, at, 4);
    gen_put(b, bit);
    if (gen_chance(g, 30)) {
        gen_put_n(b, 0xd8200f, 3); /* MOV EAX, CR3; MOV CR3, EAX */
        gen_put_n(b, 0xd8220f, 3);
    } else if (gen_chance(g, 40)) { /* INVLPG */
        gen_put_n(b, 0x3d010f, 3);
        gen_put_n(b, DATA_OFF + gen_below(g, DATA_SIZE), 4);
    }
}

static void make_int(struct build *b, const struct gen_sequence *s)
{
    struct gen *g = b->g;

    (void)s;
    gen_put(b, 0xcd);
    gen_put(b, gen_chance(g, 90) ? 0x30 + gen_below(g, 16) : gen_rnd(g));
}

static void make_single(struct build *b, const struct gen_sequence *s)
{
    static const uint32_t op[] = {
        0x060f,   0x340f, 0x350f, 0xfa,   0xfb, 0x2444010f, /* SGDT, below */
        0xf0010f, 0x310f, 0x330f, 0xa20f, 0xf1, 0x9d9c,     0x080f, 0x090f, 0x17fb, 0x9c};
    static const uint8_t len[] = {2, 2, 2, 1, 1, 0, 3, 2, 2, 2, 1, 2, 2, 2, 2, 1};
    unsigned n = gen_below(b->g, ARRAY_LEN(op));

    (void)s;
    if (!len[n]) {
        gen_put_n(b, op[n], 4);
        gen_put(b, 0xf0);
        return;
    }
    gen_put_n(b, op[n], len[n]);
}

/* POPF of chosen flags. */
static void make_popf(struct build *b, const struct gen_sequence *s)
{
    (void)s;
    put_push(b, random_eflags(b->g));
    gen_put(b, 0x9d);
}

/* JMP or CALL far through anything. */
static void make_far_any(struct build *b, const struct gen_sequence *s)
{
    (void)s;
    gen_put(b, gen_chance(b->g, 50) ? 0xea : 0x9a);
    b->item->addr_at = 1;
    b->item->addr_size = 4;
    gen_put_n(b, 0, 4);
    gen_put_n(b, random_selector(b->g), 2);
}

static struct build next_item(const struct build *b, struct gen_sequence *s, unsigned at)
{
    struct build n = *b;

    n.item = &s->item[at];
    *n.item = (struct gen_item){.with_previous = true};
    return n;
}

/*
 * What IRET or RETF wants on the stack, and it: to an outer level, the same, or virtual-8086 mode.
 * Three items.
 */
static unsigned make_return(struct build *b, struct gen_sequence *s, unsigned at)
{
    struct gen *g = b->g;
    bool iret = gen_chance(g, 70), v86 = iret && gen_chance(g, 30),
         outer = v86 || gen_chance(g, 60);
    uint32_t flags = random_eflags(g) | (v86 ? EFLAGS_VM : 0);
    struct build n;

    if (v86) { /* GS FS DS ES SS: small segments, so that the stack is the IVT's; ESP */
        for (unsigned k = 0; k < 5; k++) {
            gen_put(b, 0x6a);
            gen_put(b, gen_below(g, 0x80));
        }
        put_push(b, DATA_OFF + 0x400);
    } else if (outer) {
        put_push(b, gen_chance(g, 85) ? SYS_DATA3 : random_selector(g));
        put_push(b, DATA_OFF + 0x400 + (gen_below(g, 0x1000) & ~3u));
    } else {
        gen_put(b, 0x90);
    }
    n = next_item(b, s, at + 1);
    if (iret) {
        put_push(&n, flags);
    }
    put_push(&n, v86                 ? (uint32_t)REAL_SEGMENT
                 : gen_chance(g, 10) ? random_selector(g)
                 : outer             ? (uint32_t)SYS_CODE3
                 : gen_chance(g, 15) ? (uint32_t)SYS_CONFORMING
                                     : (uint32_t)SYS_CODE0);
    n = next_item(b, s, at + 2);
    put_push(&n, 0);
    n.item->addr_at = 1;
    n.item->addr_size = 4;
    n = next_item(b, s, at + 3);
    gen_put(&n, iret ? 0xcf : 0xcb);
    return 3;
}

unsigned gen_system_items(struct build *b, struct gen_sequence *s, unsigned at)
{
    static void (*const makers[])(struct build * b, const struct gen_sequence *s) = {
        make_cr,       make_cr,       make_dr,          make_dr,          make_table,
        make_selector, make_selector, make_msr,         make_int,         make_int,
        make_single,   make_popf,     make_table_store, make_table_store, make_table_store,
        make_far_any,  make_far_any,
    };

    *b->item = (struct gen_item){.row = 0};
    if (at + 4 <= s->count && gen_chance(b->g, 15)) {
        return make_return(b, s, at);
    }
    makers[gen_below(b->g, ARRAY_LEN(makers))](b, s);
    return 0;
}
