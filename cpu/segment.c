/* SPDX-License-Identifier: MIT */
/*
 * Segmentation: descriptor fetch, loading a segment register, limit and rights checks, and the
 * stacks that gates and returns move between. SDM volume 3A chapters 3 and 5.
 *
 * Alignment checks and data breakpoints live on the slow path as well: while one of them is on,
 * segment_derive() leaves no access to the fast path.
 */
#include "cpu/segment.h"

#include "cpu/flags.h"

/* ---- Descriptors ---- */

static bool desc_address(const struct cpu *cpu, uint16_t sel, linear_addr_t *addr)
{
    if (sel & SEL_TI) {
        if (!(cpu->ldtr.attr & DESC_P) || (sel | 7u) > cpu->ldtr.limit) {
            return false;
        }
        *addr = cpu->ldtr.base + (sel & SEL_INDEX);
    } else {
        if ((sel | 7u) > cpu->gdtr.limit) {
            return false;
        }
        *addr = cpu->gdtr.base + (sel & SEL_INDEX);
    }
    return true;
}

bool desc_load(struct cpu *cpu, uint16_t sel, struct desc *d)
{
    linear_addr_t a;

    if (!desc_address(cpu, sel, &a)) {
        return false;
    }
    d->lo = mmu_load32_sys(&cpu->mmu, a);
    d->hi = mmu_load32_sys(&cpu->mmu, a + 4);
    return true;
}

void desc_set_accessed(struct cpu *cpu, uint16_t sel, struct desc *d)
{
    linear_addr_t a;

    if (!(d->hi & DESC_A << 8) && desc_address(cpu, sel, &a)) {
        d->hi |= DESC_A << 8;
        mmu_store8_sys(&cpu->mmu, a + 5, (uint8_t)(d->hi >> 8));
    }
}

void desc_set_busy(struct cpu *cpu, uint16_t sel, bool busy)
{
    linear_addr_t a = cpu->gdtr.base + (sel & SEL_INDEX) + 5;
    uint8_t v = mmu_load8_sys(&cpu->mmu, a);

    mmu_store8_sys(&cpu->mmu, a, (uint8_t)(busy ? v | 2 : v & ~2));
}

uint32_t desc_base(const struct desc *d)
{
    return d->lo >> 16 | (d->hi & 0xff) << 16 | (d->hi & 0xff000000);
}

uint32_t desc_limit(const struct desc *d)
{
    uint32_t limit = (d->lo & 0xffff) | (d->hi & 0xf0000);

    return d->hi & DESC_G << 8 ? limit << 12 | 0xfff : limit;
}

struct segment desc_segment(const struct desc *d, uint16_t sel)
{
    return (struct segment){
        .sel = sel, .attr = desc_attr(d), .base = desc_base(d), .limit = desc_limit(d)};
}

/* ---- The hidden parts ---- */

/* A data breakpoint is enabled (I/O ones are checked by IN and OUT). */
static bool data_breakpoints(const struct cpu *cpu)
{
    for (unsigned i = 0; i < 4 && (cpu->dr[7] & 0xff); i++) {
        if ((cpu->dr[7] >> 2 * i & 3) && (cpu->dr[7] >> (16 + 4 * i) & 1)) {
            return true;
        }
    }
    return false;
}

static bool alignment_checked(const struct cpu *cpu)
{
    return cpu->cpl == 3 && (cpu->mmu.cr0 & CR0_AM) && (cpu->eflags & EFLAGS_AC);
}

static bool real_mode(const struct cpu *cpu)
{
    return !(cpu->mmu.cr0 & CR0_PE);
}

static bool expands_down(uint16_t attr)
{
    return (attr & (DESC_S | DESC_CODE | DESC_E)) == (DESC_S | DESC_E);
}

static bool readable(const struct cpu *cpu, const struct segment *s)
{
    return real_mode(cpu) || ((s->attr & DESC_P) && (!attr_is_code(s->attr) || (s->attr & DESC_R)));
}

static bool writable(const struct cpu *cpu, const struct segment *s)
{
    return real_mode(cpu) || ((s->attr & DESC_P) && attr_is_writable_data(s->attr));
}

void segment_derive(struct cpu *cpu, struct segment *s)
{
    uint64_t end = (uint64_t)s->limit + 1;

    s->read_end = s->write_end = 0;
    s->flat = false;
    if (expands_down(s->attr) || alignment_checked(cpu) || data_breakpoints(cpu)) {
        return;
    }
    s->read_end = readable(cpu, s) ? end : 0;
    s->write_end = writable(cpu, s) ? end : 0;
    s->flat = !s->base && s->read_end == 1ull << 32 && s->write_end == 1ull << 32;
}

void segment_derive_all(struct cpu *cpu)
{
    for (unsigned i = 0; i < 6; i++) {
        segment_derive(cpu, &cpu->seg[i]);
    }
}

bool segment_contains(const struct segment *s, uint32_t off, uint32_t size)
{
    uint64_t last = (uint64_t)off + size - 1;

    if (expands_down(s->attr)) {
        return off > s->limit && last <= (s->attr & DESC_DB ? 0xffffffffu : 0xffffu);
    }
    return last <= s->limit;
}

static void check_breakpoints(struct cpu *cpu, linear_addr_t a, unsigned size, bool write)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned rw = cpu->dr[7] >> (16 + 4 * i) & 3, len = cpu->dr[7] >> (18 + 4 * i) & 3;
        linear_addr_t first;

        if (!(cpu->dr[7] >> 2 * i & 3) || !(rw == 3 || (rw == 1 && write))) {
            continue;
        }
        len = len == 2 ? 7 : len; /* a mask of the address bits that do not matter */
        first = cpu->dr[i] & ~len;
        if (a - first <= len || first - a < size) {
            cpu->debug_pending |= 1u << i;
        }
    }
}

/* Of an operand of that many bytes. x87 environments (14, 28) and states are words or dwords. */
static unsigned alignment_of(unsigned size)
{
    switch (size) {
    case 1: return 1;
    case 2:
    case 14:
    case 94: return 2;
    case 8:
    case 10: return 8;
    case 16: return 16;
    default: return 4;
    }
}

static void check_slow(struct cpu *cpu, unsigned i, uint32_t off, unsigned size, bool write)
{
    const struct segment *s = &cpu->seg[i];
    linear_addr_t a = s->base + off;

    if (!(write ? writable(cpu, s) : readable(cpu, s)) || !segment_contains(s, off, size)) {
        cpu_raise(cpu, i == SS ? EXC_SS : EXC_GP, 0);
    }
    if (alignment_checked(cpu)) {
        if (a & (alignment_of(size) - 1)) {
            cpu_raise(cpu, EXC_AC, 0);
        }
    }
    check_breakpoints(cpu, a, size, write);
}

void segment_check_read_slow(struct cpu *cpu, unsigned s, uint32_t off, unsigned size)
{
    check_slow(cpu, s, off, size, false);
}

void segment_check_write_slow(struct cpu *cpu, unsigned s, uint32_t off, unsigned size)
{
    check_slow(cpu, s, off, size, true);
}

/* ---- Loading ---- */

void segment_set(struct cpu *cpu, unsigned s, struct segment v)
{
    cpu->seg[s] = v;
    segment_derive(cpu, &cpu->seg[s]);
}

void segment_set_null(struct cpu *cpu, unsigned s, uint16_t sel)
{
    /* The limit stays for real mode, which checks nothing else. */
    segment_set(cpu, s, (struct segment){.sel = sel, .limit = cpu->seg[s].limit});
}

void segment_set_flat(struct cpu *cpu, unsigned s, uint16_t sel, uint16_t attr)
{
    segment_set(cpu, s, (struct segment){.sel = sel, .attr = attr, .limit = 0xffffffff});
}

void segment_set_real(struct cpu *cpu, unsigned s, uint16_t sel)
{
    struct segment v = {.sel = sel, .base = (uint32_t)sel << 4};

    if (cpu_vm86(cpu)) {
        v.attr = DESC_P | DESC_DPL | DESC_S | DESC_W | DESC_A;
        v.limit = 0xffff;
    } else {
        v.attr = cpu->seg[s].attr;
        v.limit = cpu->seg[s].limit;
        if (s == CS || !v.attr) {
            v.attr = (v.attr & (DESC_DB | DESC_G)) | DESC_P | DESC_S | DESC_W | DESC_A;
        }
    }
    segment_set(cpu, s, v);
}

static void load_ss(struct cpu *cpu, uint16_t sel)
{
    struct desc d;

    if (sel_is_null(sel)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (!desc_load(cpu, sel, &d) || (sel & SEL_RPL) != cpu->cpl ||
        !attr_is_writable_data(desc_attr(&d)) || desc_dpl(&d) != cpu->cpl) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_SS, SEL_ERROR(sel));
    }
    desc_set_accessed(cpu, sel, &d);
    segment_set(cpu, SS, desc_segment(&d, sel));
}

/* The exception that loading it into DS, ES, FS or GS raises; 0: none. */
static unsigned wrong_for_data(const struct cpu *cpu, const struct desc *d, uint16_t sel)
{
    uint16_t attr = desc_attr(d);

    if (!(attr & DESC_S) || (attr_is_code(attr) && !(attr & DESC_R))) {
        return EXC_GP;
    }
    if (!(attr_is_code(attr) && (attr & DESC_C)) &&
        ((sel & SEL_RPL) > desc_dpl(d) || cpu->cpl > desc_dpl(d))) {
        return EXC_GP;
    }
    return desc_present(d) ? 0 : EXC_NP;
}

void segment_load(struct cpu *cpu, unsigned s, uint16_t sel)
{
    struct desc d;
    unsigned wrong;

    if (!cpu_protected(cpu)) {
        segment_set_real(cpu, s, sel);
        return;
    }
    if (s == SS) {
        load_ss(cpu, sel);
        return;
    }
    if (sel_is_null(sel)) {
        segment_set_null(cpu, s, sel);
        return;
    }
    if (!desc_load(cpu, sel, &d)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(sel));
    }
    wrong = wrong_for_data(cpu, &d, sel);
    if (wrong) {
        cpu_raise(cpu, wrong, SEL_ERROR(sel));
    }
    desc_set_accessed(cpu, sel, &d);
    segment_set(cpu, s, desc_segment(&d, sel));
}

bool segment_load_quick(struct cpu *cpu, unsigned s, uint16_t sel)
{
    struct segment v = {.sel = sel, .limit = cpu->seg[s].limit};

    if (!cpu_protected(cpu)) {
        return false;
    }
    if (!sel_is_null(sel)) {
        linear_addr_t a;
        const void *p =
            desc_address(cpu, sel, &a) ? mmu_host_in(cpu->mmu.tables[false], a, 8) : NULL;
        struct desc d;

        if (!p) {
            return false;
        }
        d = (struct desc){load_le32(p), load_le32((const uint8_t *)p + 4)};
        if (wrong_for_data(cpu, &d, sel) || !(d.hi & DESC_A << 8)) {
            return false;
        }
        v = desc_segment(&d, sel);
    }
    segment_derive(cpu, &v);
    if (v.flat != cpu->seg[s].flat) {
        return false;
    }
    cpu->seg[s] = v;
    return true;
}

void segment_drop_inner(struct cpu *cpu)
{
    static const uint8_t data[] = {ES, DS, FS, GS};

    for (unsigned i = 0; i < ARRAY_LEN(data); i++) {
        const struct segment *s = &cpu->seg[data[i]];
        bool conforming = attr_is_code(s->attr) && (s->attr & DESC_C);

        if (attr_dpl(s->attr) < cpu->cpl && !conforming) {
            segment_set_null(cpu, data[i], 0);
        }
    }
}

/* ---- Stacks ---- */

struct far_stack far_stack_current(struct cpu *cpu, unsigned size, uint32_t error)
{
    return (struct far_stack){
        .ss = cpu->seg[SS],
        .esp = cpu->reg[ESP],
        .mask = cpu->seg[SS].attr & DESC_DB ? 0xffffffffu : 0xffffu,
        .size = size,
        .user = cpu->cpl == 3,
        .error = error,
    };
}

static void check_item(struct cpu *cpu, const struct far_stack *st, unsigned nth)
{
    uint32_t off = (st->esp - nth * st->size) & st->mask;

    if (!segment_contains(&st->ss, off, st->size)) {
        cpu_raise(cpu, EXC_SS, st->error);
    }
    if (st->user && alignment_checked(cpu) && ((st->ss.base + off) & (st->size - 1))) {
        cpu_raise(cpu, EXC_AC, 0);
    }
    mmu_check_write_slow(&cpu->mmu, st->ss.base + off, st->size, st->user);
}

/* Do that many bytes lie in the segment and on one page? Then so far as one may be written all may.
 */
static bool on_one_page(const struct far_stack *st, uint32_t bytes)
{
    uint32_t low = (st->esp - bytes) & st->mask;

    return low <= ((st->esp - 1) & st->mask) && segment_contains(&st->ss, low, bytes) &&
           ((st->ss.base + low) & PAGE_MASK) + bytes <= PAGE_SIZE;
}

/* In the order of the pushes: the first that faults says where. */
void far_stack_check(struct cpu *cpu, const struct far_stack *st, unsigned items)
{
    if (!real_mode(cpu) && !attr_is_writable_data(st->ss.attr)) {
        cpu_raise(cpu, EXC_SS, st->error);
    }
    if (on_one_page(st, items * st->size)) {
        items = 1;
    }
    for (unsigned i = 1; i <= items; i++) {
        check_item(cpu, st, i);
    }
}

void far_stack_push(struct cpu *cpu, struct far_stack *st, uint32_t v)
{
    uint32_t sp = (st->esp - st->size) & st->mask;

    mmu_store_slow(&cpu->mmu, st->ss.base + sp, v, st->size, st->user);
    check_breakpoints(cpu, st->ss.base + sp, st->size, true);
    st->esp = (st->esp & ~st->mask) | sp;
}

void far_stack_commit(struct cpu *cpu, const struct far_stack *st)
{
    cpu->reg[ESP] = (cpu->reg[ESP] & ~st->mask) | (st->esp & st->mask);
}

/* SS and ESP for that level, as the TSS has them. */
static void load_tss_stack(struct cpu *cpu, unsigned cpl, uint32_t ext, uint16_t *ss, uint32_t *esp)
{
    bool wide = cpu->tr.attr & 8;
    uint32_t off = wide ? cpl * 8 + 4 : cpl * 4 + 2;

    if (off + (wide ? 5 : 3) > cpu->tr.limit) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(cpu->tr.sel) | ext);
    }
    if (wide) {
        *esp = mmu_load32_sys(&cpu->mmu, cpu->tr.base + off);
        *ss = mmu_load16_sys(&cpu->mmu, cpu->tr.base + off + 4);
    } else {
        *esp = mmu_load16_sys(&cpu->mmu, cpu->tr.base + off);
        *ss = mmu_load16_sys(&cpu->mmu, cpu->tr.base + off + 2);
    }
}

struct far_stack far_stack_inner(struct cpu *cpu, unsigned cpl, unsigned size, uint32_t ext,
                                 struct desc *ss_desc)
{
    struct far_stack st = {.size = size, .user = cpl == 3};
    uint16_t ss;

    load_tss_stack(cpu, cpl, ext, &ss, &st.esp);
    if (sel_is_null(ss)) {
        cpu_raise(cpu, EXC_TS, ext);
    }
    if (!desc_load(cpu, ss, ss_desc) || (ss & SEL_RPL) != cpl || desc_dpl(ss_desc) != cpl ||
        !attr_is_writable_data(desc_attr(ss_desc))) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(ss) | ext);
    }
    if (!desc_present(ss_desc)) {
        cpu_raise(cpu, EXC_SS, SEL_ERROR(ss) | ext);
    }
    st.ss = desc_segment(ss_desc, ss);
    st.mask = st.ss.attr & DESC_DB ? 0xffffffffu : 0xffffu;
    st.error = SEL_ERROR(ss) | ext;
    return st;
}

/* ---- Privilege and flags ---- */

void cpu_set_cpl(struct cpu *cpu, unsigned cpl)
{
    cpu->cpl = (uint8_t)cpl;
    mmu_set_user(&cpu->mmu, cpl == 3);
    if (cpu->mmu.cr0 & CR0_AM) {
        segment_derive_all(cpu);
    }
}

void cpu_set_eflags(struct cpu *cpu, uint32_t val, uint32_t mask)
{
    uint32_t other = mask & ~EFLAGS_STATUS, old = cpu->eflags;

    if (mask & EFLAGS_STATUS) {
        flags_set(cpu, (flags_get(cpu) & ~mask) | (val & mask));
    }
    cpu->eflags = (old & ~other) | (val & other) | EFLAGS_1;
    if ((cpu->eflags ^ old) & EFLAGS_AC) {
        segment_derive_all(cpu);
    }
}

uint32_t cpu_get_eflags(const struct cpu *cpu)
{
    return cpu->eflags | flags_get(cpu);
}
