/* SPDX-License-Identifier: MIT */
/*
 * A bare machine around struct cpu for instruction tests: RAM, descriptor tables, two page tables,
 * and one HLT per exception vector.
 */
#include "tests/insn/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "cpu/ops.h"

/* Physical layout. */
enum {
    LDT = 0x0600,
    GDT = 0x0700,
    IDT = 0x0800,
    TSS = 0x1000,
    HANDLERS = 0x2000, /* HLT for vector v at HANDLERS + v */
    STACK_TOP = 0x4000,
    PAGE_DIR = 0x4000,
    PAGE_TABLE = 0x5000,
    REAL_BASE = REAL_SEGMENT * 16,
    USER_BASE = 0x100000, /* linear; its pages lie at REAL_BASE */
    RAM_SIZE = 0x400000,
};

struct guest {
    struct physmem pm;
    struct cpu *cpu;
};

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

static int no_int_ack(void *opaque)
{
    (void)opaque;
    return -1;
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

static void build_tables(struct guest *g)
{
    static const uint16_t attr[4] = {0xc0fb, 0xc0f3, 0x80fb, 0x80f3};

    for (unsigned n = 0; n < 4; n++) {
        put_descriptor(g, LDT + 8 * n, USER_BASE, 0xff, attr[n]);
    }
    put_descriptor(g, GDT + 0x08, 0, 0xfffff, 0xc09b);
    put_descriptor(g, GDT + 0x10, 0, 0xfffff, 0xc093);
    put_descriptor(g, GDT + 0x18, LDT, 31, 0x0082);
    put_descriptor(g, GDT + 0x20, TSS, 0x67, 0x008b);
    put32(g, TSS + 4, STACK_TOP);
    put32(g, TSS + 8, 0x10);
    put32(g, TSS + 0x64, 0x68u << 16);
    for (unsigned v = 0; v < 256; v++) {
        static const uint8_t hlt = 0xf4;
        uint32_t to = HANDLERS + v;

        physmem_write(&g->pm, to, &hlt, 1);
        put32(g, 4 * v, to);
        put32(g, IDT + 8 * v, 0x08u << 16 | to);
        put32(g, IDT + 8 * v + 4, v == 3 || v == 4 ? 0xee00 : 0x8e00);
    }
    put32(g, PAGE_DIR, PAGE_TABLE | PTE_P | PTE_RW | PTE_US);
    for (unsigned n = 0; n < 6; n++) {
        put32(g, PAGE_TABLE + 4 * n, n << 12 | PTE_P | PTE_RW);
    }
    for (unsigned n = 1; n < 4; n++) {
        put32(g, PAGE_TABLE + 4 * ((USER_BASE >> 12) + n),
              (REAL_BASE + (n << 12)) | PTE_P | PTE_RW | PTE_US);
    }
}

struct guest *guest_new(const char *model, char **error)
{
    static const struct cpu_bus bus = {
        .io_read = no_io_read,
        .io_write = no_io_write,
        .int_ack = no_int_ack,
        .tsc = no_tsc,
        .ferr = no_ferr,
    };
    struct guest *g = xcalloc(1, sizeof(*g));

    physmem_init(&g->pm, RAM_SIZE);
    g->cpu = cpu_create(model, &g->pm, &bus, error);
    if (!g->cpu) {
        physmem_destroy(&g->pm);
        free(g);
        return NULL;
    }
    build_tables(g);
    return g;
}

void guest_free(struct guest *g)
{
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

static void enter_protected(struct cpu *cpu, enum insn_mode mode, const struct insn_state *in)
{
    bool wide = mode == INSN_32;

    cpu->gdtr = (struct dtable){.base = GDT, .limit = 0x27};
    cpu->idtr = (struct dtable){.base = IDT, .limit = 0x7ff};
    cpu->ldtr = (struct segment){.sel = 0x18, .base = LDT, .limit = 31, .attr = 0x0082};
    cpu->tr = (struct segment){.sel = 0x20, .base = TSS, .limit = 0x67, .attr = 0x008b};
    mmu_set_cr3(&cpu->mmu, PAGE_DIR);
    mmu_set_cr4(&cpu->mmu, in->cr4);
    mmu_set_cr0(&cpu->mmu, in->cr0 | CR0_PE | CR0_PG);
    set_segment(cpu, CS, wide ? SEL_CODE32 : SEL_CODE16, USER_BASE, 0xfffff,
                wide ? 0xc0fb : 0x80fb);
    for (unsigned s = 0; s < 6; s++) {
        if (s == FS || s == GS) {
            set_segment(cpu, s, 0, 0, 0, 0);
        } else if (s != CS) {
            set_segment(cpu, s, wide ? SEL_DATA32 : SEL_DATA16, USER_BASE, 0xfffff,
                        wide ? 0xc0f3 : 0x80f3);
        }
    }
    cpu_set_cpl(cpu, 3);
}

static void enter_real(struct cpu *cpu)
{
    cpu->idtr = (struct dtable){.base = 0, .limit = 0x3ff};
    mmu_set_cr4(&cpu->mmu, START_CR4);
    for (unsigned s = 0; s < 6; s++) {
        segment_set_real(cpu, s, REAL_SEGMENT);
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
        out->eflags = get(g, sp + 4, 2) | (cpu->eflags & EFLAGS_ID);
        out->reg[ESP] = (cpu->reg[ESP] & 0xffff0000u) | ((cpu->reg[ESP] + 6) & 0xffff);
        return;
    }
    uint32_t frame = cpu->reg[ESP] + (out->vector < 32 ? (has_code >> out->vector & 1) * 4 : 0);

    if (out->vector == EXC_PF || out->vector == EXC_GP) {
        out->error = get(g, cpu->reg[ESP], 4);
    }
    if (out->vector == EXC_PF) {
        out->cr2 = cpu->cr2 - USER_BASE;
    }
    out->eip = get(g, frame, 4);
    out->eflags = get(g, frame + 8, 4);
    out->reg[ESP] = get(g, frame + 12, 4);
}

bool guest_run(struct guest *g, enum insn_mode mode, const uint8_t *code, unsigned len,
               const struct insn_state *in, struct insn_state *out, bool step)
{
    struct cpu *cpu = g->cpu;
    uint8_t bytes[CODE_MAX + 1];

    memset(bytes, 0xcc, sizeof(bytes));
    memcpy(bytes, code, len);
    cpu_reset(cpu);
    physmem_write(&g->pm, REAL_BASE + CODE_OFF, bytes, sizeof(bytes));
    physmem_write(&g->pm, REAL_BASE + DATA_OFF, in->mem, DATA_SIZE);
    if (mode == INSN_REAL) {
        enter_real(cpu);
    } else {
        enter_protected(cpu, mode, in);
    }
    segment_derive_all(cpu);
    interp_flush_code(cpu);
    memcpy(cpu->reg, in->reg, sizeof(in->reg));
    cpu->eip = CODE_OFF;
    cpu_set_eflags(cpu, in->eflags, 0xffffffff);
    cpu->fpu.empty = 0;
    cpu->fpu.top = 0;
    for (unsigned n = 0; n < 8; n++) {
        cpu->fpu.st[n] = (struct f80){.mant = in->mm[n], .sexp = 0xffff};
        cpu->xmm[n] = in->xmm[n];
    }
    cpu->mxcsr = in->mxcsr;

    enum cpu_exit why = cpu_run(cpu, step ? 1 : 10000);

    for (unsigned n = 0; step && why == CPU_EXIT_COUNT && n < 1000; n++) {
        why = cpu_run(cpu, 1);
    }

    memset(out, 0, sizeof(*out));
    memcpy(out->reg, cpu->reg, sizeof(out->reg));
    out->vector = cpu->eip - 1 - HANDLERS;
    if (why != CPU_EXIT_HALT || out->vector > 255) {
        out->vector = 0xffff;
        out->eip = cpu->eip;
        return false;
    }
    read_frame(g, mode, out);
    for (unsigned n = 0; n < 8; n++) {
        out->mm[n] = cpu->fpu.st[n].mant;
        out->xmm[n] = cpu->xmm[n];
    }
    out->mxcsr = cpu->mxcsr;
    physmem_read(&g->pm, REAL_BASE + DATA_OFF, out->mem, DATA_SIZE);
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
