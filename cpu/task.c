/* SPDX-License-Identifier: MIT */
/*
 * Task switches: 16-bit (286) and 32-bit task-state segments. SDM volume 3A chapter 7.
 *
 * Up to the commit point every fault belongs to the old task and nothing has changed. Behind it,
 * faults belong to the new task, at its EIP.
 */
#include "cpu/decode.h"
#include "cpu/flags.h"
#include "cpu/segment.h"
#include "cpu/system.h"

/* Offsets in a TSS: 32-bit and 16-bit. */
enum {
    TSS32_CR3 = 0x1c,
    TSS32_EIP = 0x20,
    TSS32_EFLAGS = 0x24,
    TSS32_REGS = 0x28,
    TSS32_SEGS = 0x48,
    TSS32_LDT = 0x60,
    TSS32_TRAP = 0x64,
    TSS32_MIN_LIMIT = 0x67,
    TSS16_IP = 0x0e,
    TSS16_FLAGS = 0x10,
    TSS16_REGS = 0x12,
    TSS16_SEGS = 0x22,
    TSS16_LDT = 0x2a,
    TSS16_MIN_LIMIT = 0x2b,
};

/* What a TSS holds of a task. */
struct task {
    uint32_t cr3, eip, eflags, reg[8];
    uint16_t seg[6], ldt;
    bool trap;
};

static void load_task(struct cpu *cpu, linear_addr_t tss, bool wide, struct task *t)
{
    struct mmu *u = &cpu->mmu;

    *t = (struct task){0};
    if (wide) {
        t->cr3 = mmu_load32_sys(u, tss + TSS32_CR3);
        t->eip = mmu_load32_sys(u, tss + TSS32_EIP);
        t->eflags = mmu_load32_sys(u, tss + TSS32_EFLAGS);
        for (unsigned i = 0; i < 8; i++) {
            t->reg[i] = mmu_load32_sys(u, tss + TSS32_REGS + i * 4);
        }
        for (unsigned i = 0; i < 6; i++) {
            t->seg[i] = mmu_load16_sys(u, tss + TSS32_SEGS + i * 4);
        }
        t->ldt = mmu_load16_sys(u, tss + TSS32_LDT);
        t->trap = mmu_load8_sys(u, tss + TSS32_TRAP) & 1;
        return;
    }
    t->eip = mmu_load16_sys(u, tss + TSS16_IP);
    t->eflags = mmu_load16_sys(u, tss + TSS16_FLAGS);
    for (unsigned i = 0; i < 8; i++) { /* the high halves are undefined; all ones as on the 386 */
        t->reg[i] = 0xffff0000u | mmu_load16_sys(u, tss + TSS16_REGS + i * 2);
    }
    for (unsigned i = 0; i < 4; i++) {
        t->seg[i] = mmu_load16_sys(u, tss + TSS16_SEGS + i * 2);
    }
    t->ldt = mmu_load16_sys(u, tss + TSS16_LDT);
}

static void save_task(struct cpu *cpu, linear_addr_t tss, bool wide, uint32_t eflags)
{
    struct mmu *u = &cpu->mmu;

    if (wide) {
        mmu_store32_sys(u, tss + TSS32_EIP, cpu->eip);
        mmu_store32_sys(u, tss + TSS32_EFLAGS, eflags);
        for (unsigned i = 0; i < 8; i++) {
            mmu_store32_sys(u, tss + TSS32_REGS + i * 4, cpu->reg[i]);
        }
        for (unsigned i = 0; i < 6; i++) {
            mmu_store16_sys(u, tss + TSS32_SEGS + i * 4, cpu->seg[i].sel);
        }
        return;
    }
    mmu_store16_sys(u, tss + TSS16_IP, (uint16_t)cpu->eip);
    mmu_store16_sys(u, tss + TSS16_FLAGS, (uint16_t)eflags);
    for (unsigned i = 0; i < 8; i++) {
        mmu_store16_sys(u, tss + TSS16_REGS + i * 2, (uint16_t)cpu->reg[i]);
    }
    for (unsigned i = 0; i < 4; i++) {
        mmu_store16_sys(u, tss + TSS16_SEGS + i * 2, cpu->seg[i].sel);
    }
}

/* ---- The new task's segments: faults are its own ---- */

static void load_ldt(struct cpu *cpu, uint16_t sel)
{
    struct desc d;

    cpu->ldtr = (struct segment){.sel = sel};
    if (sel_is_null(sel)) {
        return;
    }
    if ((sel & SEL_TI) || !desc_load(cpu, sel, &d) ||
        (desc_attr(&d) & (DESC_S | DESC_TYPE)) != SYS_LDT || !desc_present(&d)) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    cpu->ldtr = desc_segment(&d, sel);
}

static void load_code(struct cpu *cpu, uint16_t sel)
{
    struct desc d;
    uint16_t attr;
    bool level_good;

    if (sel_is_null(sel) || !desc_load(cpu, sel, &d)) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    attr = desc_attr(&d);
    level_good = attr & DESC_C ? desc_dpl(&d) <= (sel & SEL_RPL) : desc_dpl(&d) == (sel & SEL_RPL);
    if (!attr_is_code(attr) || !level_good) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(sel));
    }
    desc_set_accessed(cpu, sel, &d);
    segment_set(cpu, CS, desc_segment(&d, sel));
}

static void load_stack(struct cpu *cpu, uint16_t sel)
{
    struct desc d;

    if (sel_is_null(sel) || !desc_load(cpu, sel, &d) || (sel & SEL_RPL) != cpu->cpl ||
        desc_dpl(&d) != cpu->cpl || !attr_is_writable_data(desc_attr(&d))) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_SS, SEL_ERROR(sel));
    }
    desc_set_accessed(cpu, sel, &d);
    segment_set(cpu, SS, desc_segment(&d, sel));
}

static void load_data(struct cpu *cpu, unsigned s, uint16_t sel)
{
    struct desc d;
    uint16_t attr;

    if (sel_is_null(sel)) {
        segment_set_null(cpu, s, sel);
        return;
    }
    if (!desc_load(cpu, sel, &d)) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    attr = desc_attr(&d);
    if (!(attr & DESC_S) || (attr_is_code(attr) && !(attr & DESC_R))) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    if (!(attr_is_code(attr) && (attr & DESC_C)) &&
        ((sel & SEL_RPL) > desc_dpl(&d) || cpu->cpl > desc_dpl(&d))) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(sel));
    }
    desc_set_accessed(cpu, sel, &d);
    segment_set(cpu, s, desc_segment(&d, sel));
}

static void load_segments(struct cpu *cpu, const struct task *t)
{
    static const uint8_t data[] = {DS, ES, FS, GS};

    if (cpu_vm86(cpu)) {
        cpu_set_cpl(cpu, 3);
        for (unsigned s = 0; s < 6; s++) {
            segment_set_real(cpu, s, t->seg[s]);
        }
        load_ldt(cpu, t->ldt);
        return;
    }
    for (unsigned s = 0; s < 6;
         s++) { /* selectors first: what a fault finds unloaded is unusable */
        segment_set(cpu, s, (struct segment){.sel = t->seg[s]});
    }
    cpu_set_cpl(cpu, t->seg[CS] & SEL_RPL);
    load_ldt(cpu, t->ldt);
    load_code(cpu, t->seg[CS]);
    load_stack(cpu, t->seg[SS]);
    for (unsigned i = 0; i < ARRAY_LEN(data); i++) {
        load_data(cpu, data[i], t->seg[data[i]]);
    }
}

/* ---- The switch ---- */

static uint32_t eflags_of_task(const struct cpu *cpu, uint32_t image)
{
    return (image & (eflags_writable(cpu) | EFLAGS_IOPL | EFLAGS_IF | EFLAGS_RF | EFLAGS_VM |
                     (cpu_has(cpu, FEAT_VME) ? EFLAGS_VIF | EFLAGS_VIP : 0))) |
           EFLAGS_1;
}

static void push_error_code(struct cpu *cpu, bool wide, uint32_t code)
{
    struct far_stack st = far_stack_current(cpu, wide ? 4 : 2, 0);

    far_stack_check(cpu, &st, 1);
    far_stack_push(cpu, &st, code);
    far_stack_commit(cpu, &st);
}

/* Reads the new TSS's descriptor; which error a bad one is depends on how the switch came about. */
static struct segment new_tss(struct cpu *cpu, uint16_t sel, bool busy, enum exception bad,
                              uint32_t ext)
{
    struct desc d;
    unsigned type;

    if ((sel & SEL_TI) || sel_is_null(sel) || !desc_load(cpu, sel, &d)) {
        cpu_raise(cpu, bad, SEL_ERROR(sel) | ext);
    }
    type = desc_attr(&d) & (DESC_S | DESC_TYPE);
    if (type != (busy ? SYS_TSS32_BUSY : SYS_TSS32) &&
        type != (busy ? SYS_TSS16_BUSY : SYS_TSS16)) {
        cpu_raise(cpu, bad, SEL_ERROR(sel) | ext);
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(sel) | ext);
    }
    if (desc_limit(&d) < (type & 8 ? TSS32_MIN_LIMIT : TSS16_MIN_LIMIT)) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(sel) | ext);
    }
    return desc_segment(&d, sel);
}

/* Every page that the switch will write before the new task's own loads. */
static void check_memory(struct cpu *cpu, const struct segment *tss, enum task_cause cause)
{
    struct mmu *u = &cpu->mmu;
    bool old_wide = cpu->tr.attr & 8, wide = tss->attr & 8;

    if (old_wide) {
        mmu_check_write_slow(u, cpu->tr.base + TSS32_EIP, TSS32_LDT - TSS32_EIP, false);
    } else {
        mmu_check_write_slow(u, cpu->tr.base + TSS16_IP, TSS16_LDT - TSS16_IP, false);
    }
    mmu_check_read_slow(u, tss->base, (wide ? TSS32_MIN_LIMIT : TSS16_MIN_LIMIT) + 1, false);
    if (cause == TASK_CALL || cause == TASK_INT) {
        mmu_check_write_slow(u, tss->base, 2, false);
    }
    mmu_check_write_slow(u, cpu->gdtr.base + (cpu->tr.sel & SEL_INDEX) + 5, 1, false);
    mmu_check_write_slow(u, cpu->gdtr.base + (tss->sel & SEL_INDEX) + 5, 1, false);
}

static void switch_to(struct cpu *cpu, struct segment tss, enum task_cause cause,
                      const uint32_t *error_code)
{
    bool nested = cause == TASK_CALL || cause == TASK_INT, wide = tss.attr & 8;
    uint32_t eflags = cpu_get_eflags(cpu);
    uint16_t old_sel = cpu->tr.sel;
    struct task t;

    check_memory(cpu, &tss, cause);
    if (!nested) {
        desc_set_busy(cpu, old_sel, false);
    }
    if (cause == TASK_IRET) {
        eflags &= ~EFLAGS_NT;
    }
    save_task(cpu, cpu->tr.base, cpu->tr.attr & 8, eflags);
    load_task(cpu, tss.base, wide, &t);
    if (nested) {
        mmu_store16_sys(&cpu->mmu, tss.base, old_sel);
        t.eflags |= EFLAGS_NT;
    }
    desc_set_busy(cpu, tss.sel, true);

    /* The commit point. */
    tss.attr |= 2; /* busy */
    cpu->tr = tss;
    mmu_set_cr0(&cpu->mmu, cpu->mmu.cr0 | CR0_TS);
    cpu->dr[7] &= ~0x155u; /* L0-L3, LE */
    cpu->eip = t.eip;
    for (unsigned i = 0; i < 8; i++) {
        cpu->reg[i] = t.reg[i];
    }
    cpu_set_eflags(cpu, eflags_of_task(cpu, t.eflags), ~0u);
    cpu->block_eip = cpu->eip - cpu->cur->off; /* from here on faults are at the new task's EIP */
    if (wide && (cpu->mmu.cr0 & CR0_PG) && !mmu_set_cr3(&cpu->mmu, t.cr3)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    load_segments(cpu, &t);
    if (t.trap) {
        cpu->debug_pending |= DR6_BT;
    }
    if (error_code) {
        push_error_code(cpu, wide, *error_code);
    }
    if (cpu->eip > cpu->seg[CS].limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    segment_derive_all(cpu);
}

void task_switch(struct cpu *cpu, uint16_t sel, enum task_cause cause, uint32_t ext,
                 const uint32_t *error_code)
{
    switch_to(cpu, new_tss(cpu, sel, false, EXC_GP, ext), cause, error_code);
}

void task_return(struct cpu *cpu)
{
    uint16_t link;

    if (cpu->tr.limit < 1) {
        cpu_raise(cpu, EXC_TS, SEL_ERROR(cpu->tr.sel));
    }
    link = mmu_load16_sys(&cpu->mmu, cpu->tr.base);
    switch_to(cpu, new_tss(cpu, link, true, EXC_TS, 0), TASK_IRET, NULL);
}
