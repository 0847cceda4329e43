/* SPDX-License-Identifier: MIT */
/*
 * The machine that INSN_SYSTEM starts from: a GDT with a descriptor of each kind and some of random
 * types, gates of each kind from vector 30h on, three tasks, and page tables of both forms that map
 * physical to linear one to one but for the rights of some pages. What varies is by
 * in->system_seed.
 */
#include <string.h>

#include "base/endian.h"
#include "cpu/ops.h"
#include "tests/insn/engine.h"

#define PAGES (RAM_SIZE >> 12)

struct image {
    uint8_t *ram;
    uint64_t seed;
    const struct insn_state *in;
};

static uint32_t rnd(struct image *m)
{
    m->seed ^= m->seed >> 12;
    m->seed ^= m->seed << 25;
    m->seed ^= m->seed >> 27;
    return (uint32_t)(m->seed * 0x2545f4914f6cdd1du >> 32);
}

static void put_descriptor(struct image *m, uint32_t at, uint32_t base, uint32_t limit,
                           uint32_t attr)
{
    store_le32(m->ram + at, base << 16 | (limit & 0xffff));
    store_le32(m->ram + at + 4,
               (base & 0xff000000u) | (limit & 0xf0000) | attr << 8 | (base >> 16 & 0xff));
}

/* type: the descriptor's access byte. */
static void put_gate(struct image *m, uint32_t at, unsigned sel, uint32_t to, unsigned type,
                     unsigned params)
{
    store_le32(m->ram + at, sel << 16 | (to & 0xffff));
    store_le32(m->ram + at + 4, (to & 0xffff0000u) | type << 8 | params);
}

/* Somewhere in or near the code that runs. */
static uint32_t in_code(struct image *m)
{
    return m->in->eip + rnd(m) % 60;
}

static void put_gdt(struct image *m)
{
    static const struct {
        uint16_t sel, attr;
        uint32_t base, limit;
    } row[] = {
        {0x08, 0xc09b, 0, 0xfffff},
        {0x10, 0xc093, 0, 0xfffff},
        {0x18, 0x0082, LDT, 8 * SEL_COUNT - 1},
        {0x20, 0x008b, TSS, 0x80},
        {SYS_CODE0, 0xc09b, REAL_BASE, 0xff},
        {SYS_DATA0, 0xc093, REAL_BASE, 0xff},
        {SYS_CODE0_16, 0x809b, REAL_BASE, 0xff},
        {SYS_DATA0_16, 0x8093, REAL_BASE, 0xff},
        {SYS_FLAT, 0xc093, 0, 0xfffff},
        {SYS_CONFORMING, 0xc09e, REAL_BASE, 0xff},
        {SYS_TSS2, 0x0089, SYS_TSS2_AT, 0x67},
        {SYS_LDT2, 0x0082, LDT, 8 * SEL_COUNT - 9},
        {SYS_ABSENT, 0xc01b, REAL_BASE, 0xff},
        {SYS_TSS16, 0x0081, SYS_TSS16_AT, 0x2b},
        {SYS_CODE3 & ~3, 0xc0fb, REAL_BASE, 0xff},
        {SYS_DATA3 & ~3, 0xc0f3, REAL_BASE, 0xff},
    };

    for (unsigned n = 0; n < ARRAY_LEN(row); n++) {
        put_descriptor(m, GDT + row[n].sel, row[n].base, row[n].limit, row[n].attr);
    }
    put_gate(m, GDT + SYS_GATE, rnd(m) & 1 ? SYS_CODE0 : SYS_CONFORMING, in_code(m), 0xec,
             rnd(m) & 3);
    put_gate(m, GDT + SYS_GATE16, SYS_CODE0_16, in_code(m), 0xe4, rnd(m) & 3);
    put_gate(m, GDT + SYS_TASK_GATE, SYS_TSS2, 0, 0xe5, 0);
    for (unsigned sel = SYS_RANDOM; sel <= SYS_LAST; sel += 8) {
        unsigned access = rnd(m) & 0xff;

        access |= rnd(m) & 3 ? 0x80 : 0;
        if (access & 0x10) {
            put_descriptor(m, GDT + sel, REAL_BASE,
                           rnd(m) & 1 ? 0xfffff : DATA_OFF + (rnd(m) & 0xfff),
                           access | (rnd(m) & 0xc0) << 8);
        } else {
            put_gate(m, GDT + sel, rnd(m) % SYS_LAST, in_code(m), access, rnd(m) & 0x1f);
        }
    }
}

/* As in guest.c. */
static void put_ldt(struct image *m)
{
    static const uint16_t attr[SEL_COUNT] = {0xc0fb, 0xc0f3, 0x80fb, 0x80f3, 0x40f3, 0x40f7,
                                             0x40f1, 0x4073, 0xc0ff, 0xc0f9, 0x40fb, 0xc07b,
                                             0x00f7, 0x40f5, 0xc0f7, 0x40f3};
    static const uint32_t limit[SEL_COUNT] = {
        0xff, 0xff, 0xff,        0xff, 0x7ff,      DOWN_LIMIT,         0xfffff, 0xfffff,
        0xff, 0xff, SHORT_LIMIT, 0xff, DOWN_LIMIT, DOWN_LIMIT + 0x800, 1,       0};

    for (unsigned n = 0; n < SEL_COUNT; n++) {
        put_descriptor(m, LDT + 8 * n, n == 4 ? REAL_BASE + LIMITED_OFF : REAL_BASE, limit[n],
                       attr[n]);
    }
}

static void put_idt(struct image *m)
{
    for (unsigned v = 0; v < 256; v++) {
        m->ram[HANDLERS + v] = 0xf4; /* HLT */
        put_gate(m, IDT + 8 * v, 0x08, HANDLERS + v, v == 3 || v == 4 ? 0xee : 0x8e, 0);
    }
    for (unsigned v = 0x30; v < 0x40; v++) {
        static const uint8_t type[] = {0xee, 0xef, 0xe6, 0xe7, 0x8e, 0xe5, 0x6e, 0xee};
        static const uint16_t sel[] = {SYS_CODE0, SYS_CONFORMING, SYS_CODE0_16, SYS_CODE3,
                                       SYS_CODE0, SYS_CODE0,      SYS_ABSENT,   SYS_RANDOM};
        unsigned kind = type[rnd(m) & 7];

        put_gate(m, IDT + 8 * v, kind == 0xe5 ? SYS_TSS2 : sel[rnd(m) & 7], in_code(m), kind, 0);
    }
    if (!(rnd(m) & 7)) { /* an exception by a task gate */
        static const uint8_t vectors[] = {EXC_DB, EXC_UD, EXC_DF, EXC_GP, EXC_PF};

        put_gate(m, IDT + 8 * vectors[rnd(m) % ARRAY_LEN(vectors)], SYS_TSS2, 0, 0x85, 0);
    }
}

static void put_task32(struct image *m, uint32_t at, bool outer)
{
    uint8_t *t = m->ram + at;
    uint16_t data = outer ? SYS_DATA3 : SYS_DATA0;

    for (unsigned n = 0; n < 3; n++) {
        store_le32(t + 4 + 8 * n, n ? DATA_OFF + 0x1000 + 0x100 * n : STACK_TOP);
        store_le32(t + 8 + 8 * n, n ? (uint32_t)SYS_RANDOM + n : 0x10);
    }
    store_le32(t + 0x1c, m->in->cr4 & CR4_PAE ? SYS_PAE_DIR_POINTERS : SYS_DIR);
    store_le32(t + 0x20, in_code(m));
    store_le32(t + 0x24, EFLAGS_1 | (rnd(m) & (EFLAGS_STATUS | EFLAGS_IF | EFLAGS_DF)));
    for (unsigned n = 0; n < 8; n++) {
        store_le32(t + 0x28 + 4 * n, DATA_OFF + 0x200 + (rnd(m) & 0x1bfc));
    }
    for (unsigned n = 0; n < 6; n++) {
        store_le32(t + 0x48 + 4 * n, data);
    }
    store_le32(t + 0x4c, outer ? SYS_CODE3 : SYS_CODE0);
    store_le32(t + 0x60, 0x18);
    store_le32(t + 0x64, 0x68u << 16 | (rnd(m) % 8 == 0));
    if (rnd(m) % 4 == 0) { /* something is wrong */
        store_le32(t + 0x48 + 4 * (rnd(m) % 7), rnd(m) % 0x100);
    }
}

static void put_task16(struct image *m)
{
    uint8_t *t = m->ram + SYS_TSS16_AT;

    store_le16(t + 2, STACK_TOP - 0x100);
    store_le16(t + 4, 0x10);
    store_le16(t + 0x0e, (uint16_t)in_code(m));
    store_le16(t + 0x10, EFLAGS_1);
    for (unsigned n = 0; n < 8; n++) {
        store_le16(t + 0x12 + 2 * n, (uint16_t)(DATA_OFF + 0x200 + (rnd(m) & 0x1bfc)));
    }
    for (unsigned n = 0; n < 4; n++) {
        store_le16(t + 0x22 + 2 * n, n == CS ? SYS_CODE0 : SYS_DATA0);
    }
    store_le16(t + 0x2a, 0x18);
}

static void put_tasks(struct image *m)
{
    put_task32(m, TSS, false);
    store_le32(m->ram + TSS, rnd(m) & 1 ? SYS_TSS2 : SYS_TSS16);
    put_task32(m, SYS_TSS2_AT, rnd(m) % 3 == 0);
    store_le32(m->ram + SYS_TSS2_AT, 0x20);
    put_task16(m);
}

static void put_pages(struct image *m)
{
    static const uint16_t odd[] = {PTE_P | PTE_US, PTE_P | PTE_RW, 0, PTE_P,
                                   PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_G};

    store_le32(m->ram + SYS_DIR, SYS_TABLE | PTE_P | PTE_RW | PTE_US);
    store_le32(m->ram + SYS_DIR + 4, PTE_P | PTE_RW | PTE_US | PTE_PS);
    store_le32(m->ram + SYS_PAE_DIR_POINTERS, SYS_PAE_DIR | PTE_P);
    store_le32(m->ram + SYS_PAE_DIR, SYS_PAE_TABLE | PTE_P | PTE_RW | PTE_US);
    store_le32(m->ram + SYS_PAE_DIR + 8, PTE_P | PTE_RW | PTE_US | PTE_PS);
    for (uint32_t n = 0; n < PAGES; n++) {
        uint32_t rights = PTE_P | PTE_RW | PTE_US;

        if (n > REAL_BASE >> 12 && rnd(m) % 10 == 0) {
            rights = odd[rnd(m) % ARRAY_LEN(odd)];
        }
        store_le32(m->ram + SYS_TABLE + 4 * n, n << 12 | rights);
        store_le32(m->ram + SYS_PAE_TABLE + 8 * n, n << 12 | rights);
        if (n > REAL_BASE >> 12 && rnd(m) % 16 == 0) {
            store_le32(m->ram + SYS_PAE_TABLE + 8 * n + 4, 1u << 31);
        }
    }
}

void guest_system_image(uint8_t *ram, const struct insn_state *in)
{
    struct image m = {.ram = ram, .seed = in->system_seed | 1, .in = in};

    memset(ram, 0, RAM_SIZE);
    for (unsigned v = 0; v < 256; v++) {
        store_le32(ram + 4 * v, HANDLERS + v);
    }
    put_gdt(&m);
    put_ldt(&m);
    put_idt(&m);
    put_tasks(&m);
    put_pages(&m);
    for (uint32_t n = 0; n < PAGE_SIZE; n++) {
        ram[REAL_BASE + RO_OFF + n] = (uint8_t)(n ^ 0xa5);
    }
    memset(ram + REAL_BASE + CODE_OFF, 0xcc, PAGE_SIZE);
    memset(ram + REAL_BASE + CODE2_OFF, 0xcc, 2 * PAGE_SIZE);
}

static void set_segment(struct cpu *cpu, unsigned s, unsigned sel, uint32_t base, uint32_t limit,
                        unsigned attr)
{
    cpu->seg[s].sel = (uint16_t)sel;
    cpu->seg[s].base = base;
    cpu->seg[s].limit = limit;
    cpu->seg[s].attr = (uint16_t)attr;
}

void guest_system_start(struct cpu *cpu, const struct insn_state *in)
{
    bool outer = in->system_seed >> 60 < 4;

    mmu_set_cr4(&cpu->mmu, in->cr4);
    mmu_set_nx(&cpu->mmu, in->cr4 & CR4_PAE);
    mmu_set_cr3(&cpu->mmu, in->cr4 & CR4_PAE ? SYS_PAE_DIR_POINTERS : SYS_DIR);
    mmu_set_cr0(&cpu->mmu, in->cr0);
    cpu->gdtr = (struct dtable){.base = GDT, .limit = 0xff};
    cpu->idtr = (struct dtable){.base = IDT, .limit = 0x7ff};
    cpu->ldtr =
        (struct segment){.sel = 0x18, .base = LDT, .limit = 8 * SEL_COUNT - 1, .attr = 0x0082};
    cpu->tr = (struct segment){.sel = 0x20, .base = TSS, .limit = 0x80, .attr = 0x008b};
    for (unsigned s = 0; s < 6; s++) {
        set_segment(cpu, s, outer ? SYS_DATA3 : SYS_DATA0, REAL_BASE, 0xfffff,
                    outer ? 0xc0f3 : 0xc093);
    }
    set_segment(cpu, CS, outer ? SYS_CODE3 : SYS_CODE0, REAL_BASE, 0xfffff,
                outer ? 0xc0fb : 0xc09b);
    if (!outer) {
        set_segment(cpu, FS, SYS_FLAT, 0, 0xffffffff, 0xc093);
    }
    set_segment(cpu, GS, SEL_DOWN, REAL_BASE, DOWN_LIMIT, 0x40f7);
    memcpy(cpu->reg, in->reg, sizeof(in->reg));
    cpu->eip = in->eip;
    cpu_set_eflags(cpu, in->eflags, 0xffffffff);
    cpu_set_cpl(cpu, outer ? 3 : 0);
    segment_derive_all(cpu);
    cpu->fpu = in->fpu;
    memcpy(cpu->xmm, in->xmm, sizeof(cpu->xmm));
    cpu->mxcsr = in->mxcsr;
}
