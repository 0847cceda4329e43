/* SPDX-License-Identifier: MIT */
/*
 * Far jumps, calls and returns, software interrupts, IRET, SYSENTER and SYSEXIT. SDM volume 2 and
 * volume 3A chapters 5 to 7.
 */
#include "cpu/ops.h"
#include "cpu/segment.h"
#include "cpu/system.h"

/* ---- JMP and CALL ---- */

struct far_target {
    uint16_t sel;
    uint32_t off;
    unsigned size; /* operand size: of what a call pushes */
    bool call;
};

static void far_real(struct cpu *cpu, const struct far_target *t)
{
    /* In virtual-8086 mode the new CS has a 64 KiB limit, in real mode the old one stays. */
    uint32_t limit = cpu_vm86(cpu) ? 0xffff : cpu->seg[CS].limit;

    if (t->call) {
        struct far_stack st = far_stack_current(cpu, t->size, 0);

        far_stack_check(cpu, &st, 2);
        if (t->off > limit) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        far_stack_push(cpu, &st, cpu->seg[CS].sel);
        far_stack_push(cpu, &st, cpu->eip);
        far_stack_commit(cpu, &st);
    } else if (t->off > limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    segment_set_real(cpu, CS, t->sel);
    cpu->eip = t->off;
}

/* To a code segment at the same level: directly or through a gate. */
static void far_same_level(struct cpu *cpu, const struct far_target *t, struct desc *d)
{
    struct segment cs;

    if (t->call) {
        struct far_stack st = far_stack_current(cpu, t->size, 0);

        far_stack_check(cpu, &st, 2);
        if (t->off > desc_limit(d)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        desc_set_accessed(cpu, t->sel, d);
        far_stack_push(cpu, &st, cpu->seg[CS].sel);
        far_stack_push(cpu, &st, cpu->eip);
        far_stack_commit(cpu, &st);
    } else {
        if (t->off > desc_limit(d)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        desc_set_accessed(cpu, t->sel, d);
    }
    cs = desc_segment(d, (uint16_t)((t->sel & ~SEL_RPL) | cpu->cpl));
    segment_set(cpu, CS, cs);
    cpu->eip = t->off;
}

#define MAX_PARAMETERS 31

/* Through a call gate to a more privileged level: the TSS's stack, and parameters are copied. */
static void call_inner(struct cpu *cpu, const struct far_target *t, struct desc *cs, unsigned count)
{
    unsigned cpl = desc_dpl(cs);
    uint32_t parameter[MAX_PARAMETERS];
    struct desc ss_desc;
    struct far_stack st = far_stack_inner(cpu, cpl, t->size, 0, &ss_desc);

    far_stack_check(cpu, &st, 4 + count);
    for (unsigned i = 0; i < count; i++) {
        parameter[i] = stack_peek(cpu, i * t->size, t->size);
    }
    if (t->off > desc_limit(cs)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    desc_set_accessed(cpu, st.ss.sel, &ss_desc);
    desc_set_accessed(cpu, t->sel, cs);
    st.ss.attr |= DESC_A;
    far_stack_push(cpu, &st, cpu->seg[SS].sel);
    far_stack_push(cpu, &st, cpu->reg[ESP]);
    for (unsigned i = count; i-- > 0;) {
        far_stack_push(cpu, &st, parameter[i]);
    }
    far_stack_push(cpu, &st, cpu->seg[CS].sel);
    far_stack_push(cpu, &st, cpu->eip);

    segment_set(cpu, CS, desc_segment(cs, (uint16_t)((t->sel & ~SEL_RPL) | cpl)));
    cpu_set_cpl(cpu, cpl);
    segment_set(cpu, SS, st.ss);
    far_stack_commit(cpu, &st);
    cpu->eip = t->off;
}

static void far_call_gate(struct cpu *cpu, const struct far_target *t, const struct desc *gate)
{
    bool wide = desc_type(gate) & 8;
    struct far_target inside = {
        .sel = (uint16_t)(gate->lo >> 16),
        .off = (gate->lo & 0xffff) | (wide ? gate->hi & 0xffff0000 : 0),
        .size = wide ? 4 : 2,
        .call = t->call,
    };
    struct desc cs;
    uint16_t attr;

    if (sel_is_null(inside.sel)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (!desc_load(cpu, inside.sel, &cs)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(inside.sel));
    }
    attr = desc_attr(&cs);
    if (!attr_is_code(attr) || desc_dpl(&cs) > cpu->cpl ||
        (!t->call && !(attr & DESC_C) && desc_dpl(&cs) != cpu->cpl)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(inside.sel));
    }
    if (!desc_present(&cs)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(inside.sel));
    }
    if (t->call && !(attr & DESC_C) && desc_dpl(&cs) < cpu->cpl) {
        call_inner(cpu, &inside, &cs, gate->hi & MAX_PARAMETERS);
    } else {
        far_same_level(cpu, &inside, &cs);
    }
}

static void far_system(struct cpu *cpu, const struct far_target *t, const struct desc *d)
{
    unsigned type = desc_type(d);
    bool task = type == SYS_TSS16 || type == SYS_TSS32 || type == SYS_TASK_GATE;

    if (!(task || type == SYS_CALL16 || type == SYS_CALL32) || desc_dpl(d) < cpu->cpl ||
        (t->sel & SEL_RPL) > desc_dpl(d)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(t->sel));
    }
    if (!desc_present(d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(t->sel));
    }
    if (type == SYS_TASK_GATE) {
        task_switch(cpu, (uint16_t)(d->lo >> 16), t->call ? TASK_CALL : TASK_JMP, 0, NULL);
    } else if (task) {
        task_switch(cpu, t->sel, t->call ? TASK_CALL : TASK_JMP, 0, NULL);
    } else {
        far_call_gate(cpu, t, d);
    }
}

static void far_transfer(struct cpu *cpu, const struct far_target *t)
{
    struct desc d;
    uint16_t attr;

    if (!cpu_protected(cpu)) {
        far_real(cpu, t);
        return;
    }
    if (sel_is_null(t->sel)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (!desc_load(cpu, t->sel, &d)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(t->sel));
    }
    attr = desc_attr(&d);
    if (!(attr & DESC_S)) {
        far_system(cpu, t, &d);
        return;
    }
    if (!attr_is_code(attr) ||
        (attr & DESC_C ? desc_dpl(&d) > cpu->cpl
                       : (t->sel & SEL_RPL) > cpu->cpl || desc_dpl(&d) != cpu->cpl)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(t->sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(t->sel));
    }
    far_same_level(cpu, t, &d);
}

static void far_imm(struct cpu *cpu, const struct insn *i, bool call)
{
    struct far_target t = {(uint16_t)i->imm2, i->imm, i->opsize, call};

    far_transfer(cpu, &t);
}

static void far_mem(struct cpu *cpu, const struct insn *i, bool call)
{
    uint32_t ea = insn_ea(cpu, i);
    struct far_target t = {.size = i->opsize, .call = call};

    t.off = mem_load(cpu, i->seg, ea, i->opsize);
    t.sel = mem_load16(cpu, i->seg, (ea + i->opsize) & insn_addr_mask(i));
    far_transfer(cpu, &t);
}

void op_CALL_far_imm(struct cpu *cpu, const struct insn *i)
{
    far_imm(cpu, i, true);
}

void op_JMP_far_imm(struct cpu *cpu, const struct insn *i)
{
    far_imm(cpu, i, false);
}

void op_CALL_far_mem(struct cpu *cpu, const struct insn *i)
{
    far_mem(cpu, i, true);
}

void op_JMP_far_mem(struct cpu *cpu, const struct insn *i)
{
    far_mem(cpu, i, false);
}

/* ---- RETF and IRET ---- */

struct far_return {
    uint32_t eip;
    uint16_t cs;
    unsigned size;
    unsigned popped;  /* bytes up to and with CS or EFLAGS */
    unsigned release; /* RETF n */
    bool iret;
    uint32_t flags; /* IRET: the image and what of it may be loaded */
    uint32_t mask;
};

static void return_real(struct cpu *cpu, const struct far_return *r)
{
    if (r->eip > (cpu_vm86(cpu) ? 0xffff : cpu->seg[CS].limit)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    stack_adjust(cpu, (int32_t)(r->popped + r->release));
    segment_set_real(cpu, CS, r->cs);
    cpu->eip = r->eip;
    if (r->iret) {
        cpu_set_eflags(cpu, r->flags, r->mask);
    }
}

/* The stack segment of an outer level. */
static void check_outer_stack(struct cpu *cpu, uint16_t ss, unsigned cpl, struct desc *d)
{
    if (sel_is_null(ss)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (!desc_load(cpu, ss, d) || (ss & SEL_RPL) != cpl || desc_dpl(d) != cpl ||
        !attr_is_writable_data(desc_attr(d))) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(ss));
    }
    if (!desc_present(d)) {
        cpu_raise(cpu, EXC_SS, SEL_ERROR(ss));
    }
}

static void return_outer(struct cpu *cpu, const struct far_return *r, struct desc *cs)
{
    unsigned cpl = r->cs & SEL_RPL, at = r->popped + r->release;
    uint32_t esp = stack_peek(cpu, at, r->size), mask;
    uint16_t ss = (uint16_t)stack_peek(cpu, at + r->size, r->size);
    struct desc ss_desc;

    check_outer_stack(cpu, ss, cpl, &ss_desc);
    if (r->eip > desc_limit(cs)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    desc_set_accessed(cpu, r->cs, cs);
    desc_set_accessed(cpu, ss, &ss_desc);
    if (r->iret) {
        cpu_set_eflags(cpu, r->flags, r->mask);
    }
    segment_set(cpu, CS, desc_segment(cs, r->cs));
    cpu->eip = r->eip;
    cpu_set_cpl(cpu, cpl);
    segment_set(cpu, SS, desc_segment(&ss_desc, ss));
    mask = stack_mask(cpu); /* a 16-bit stack leaves the high half of ESP as it is */
    cpu->reg[ESP] = (cpu->reg[ESP] & ~mask) | ((esp + r->release) & mask);
    segment_drop_inner(cpu);
}

static void return_protected(struct cpu *cpu, const struct far_return *r)
{
    unsigned rpl = r->cs & SEL_RPL;
    struct desc d;
    uint16_t attr;

    if (sel_is_null(r->cs)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (!desc_load(cpu, r->cs, &d)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(r->cs));
    }
    attr = desc_attr(&d);
    if (!attr_is_code(attr) || rpl < cpu->cpl ||
        (attr & DESC_C ? desc_dpl(&d) > rpl : desc_dpl(&d) != rpl)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(r->cs));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(r->cs));
    }
    if (rpl > cpu->cpl) {
        return_outer(cpu, r, &d);
        return;
    }
    if (r->eip > desc_limit(&d)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    desc_set_accessed(cpu, r->cs, &d);
    stack_adjust(cpu, (int32_t)(r->popped + r->release));
    segment_set(cpu, CS, desc_segment(&d, r->cs));
    cpu->eip = r->eip;
    if (r->iret) {
        cpu_set_eflags(cpu, r->flags, r->mask);
    }
}

static void far_return(struct cpu *cpu, const struct insn *i, unsigned release)
{
    struct far_return r = {
        .eip = stack_peek(cpu, 0, i->opsize),
        .cs = (uint16_t)stack_peek(cpu, i->opsize, i->opsize),
        .size = i->opsize,
        .popped = 2u * i->opsize,
        .release = release,
    };

    if (cpu_protected(cpu)) {
        return_protected(cpu, &r);
    } else {
        return_real(cpu, &r);
    }
}

void op_RETF(struct cpu *cpu, const struct insn *i)
{
    far_return(cpu, i, 0);
}

void op_RETF_imm(struct cpu *cpu, const struct insn *i)
{
    far_return(cpu, i, i->imm & 0xffff);
}

/* Which flags IRET may load, outside virtual-8086 mode. */
static uint32_t iret_mask(const struct cpu *cpu, unsigned size)
{
    uint32_t mask = eflags_writable(cpu) | EFLAGS_RF;
    bool real = !(cpu->mmu.cr0 & CR0_PE);

    if (real || cpu->cpl <= cpu_iopl(cpu)) {
        mask |= EFLAGS_IF;
    }
    if (real || cpu->cpl == 0) {
        mask |= EFLAGS_IOPL;
    }
    if (!real && cpu->cpl == 0 && cpu_has(cpu, FEAT_VME)) {
        mask |= EFLAGS_VIF | EFLAGS_VIP;
    }
    return size == 2 ? mask & 0xffff : mask;
}

void op_IRET(struct cpu *cpu, const struct insn *i)
{
    unsigned size = i->opsize;
    struct far_return r = {.size = size, .popped = 3 * size, .iret = true};

    cpu->nmi_blocked = false;
    if (cpu_vm86(cpu)) {
        vm86_iret(cpu, size);
        return;
    }
    if (cpu_protected(cpu) && (cpu->eflags & EFLAGS_NT)) {
        task_return(cpu);
        return;
    }
    r.eip = stack_peek(cpu, 0, size);
    r.cs = (uint16_t)stack_peek(cpu, size, size);
    r.flags = stack_peek(cpu, 2 * size, size);
    r.mask = iret_mask(cpu, size);
    if (!cpu_protected(cpu)) {
        return_real(cpu, &r);
    } else if (size == 4 && (r.flags & EFLAGS_VM) && cpu->cpl == 0) {
        vm86_enter(cpu, r.eip, r.cs, r.flags);
    } else {
        return_protected(cpu, &r);
    }
}

/* ---- Software interrupts ---- */

void op_INT_imm(struct cpu *cpu, const struct insn *i)
{
    if (cpu_vm86(cpu)) {
        vm86_int(cpu, (uint8_t)i->imm);
    } else {
        exception_deliver(cpu, (uint8_t)i->imm, INT_SOFTWARE, false, 0);
    }
}

void op_INT3(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    exception_deliver(cpu, EXC_BP, INT_SOFTWARE, false, 0);
}

void op_INTO(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    if (flags_of(cpu)) {
        exception_deliver(cpu, EXC_OF, INT_SOFTWARE, false, 0);
    }
}

void op_ICEBP(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    exception_deliver(cpu, EXC_DB, INT_ICEBP, false, 0);
}

/* ---- Fast system calls ---- */

#define FLAT_CODE (DESC_G | DESC_DB | DESC_P | DESC_S | DESC_CODE | DESC_R | DESC_A)
#define FLAT_DATA (DESC_G | DESC_DB | DESC_P | DESC_S | DESC_W | DESC_A)

void op_SYSENTER(struct cpu *cpu, const struct insn *i)
{
    uint16_t sel = cpu->sysenter_cs & 0xfffc;

    (void)i;
    if (!(cpu->mmu.cr0 & CR0_PE) || !sel) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu_set_eflags(cpu, 0, EFLAGS_VM | EFLAGS_IF | EFLAGS_RF);
    cpu_set_cpl(cpu, 0);
    segment_set_flat(cpu, CS, sel, FLAT_CODE);
    segment_set_flat(cpu, SS, (uint16_t)(sel + 8), FLAT_DATA);
    cpu->reg[ESP] = cpu->sysenter_esp;
    cpu->eip = cpu->sysenter_eip;
}

void op_SYSEXIT(struct cpu *cpu, const struct insn *i)
{
    uint16_t sel = cpu->sysenter_cs & 0xfffc;

    (void)i;
    if (!(cpu->mmu.cr0 & CR0_PE) || !sel || cpu->cpl != 0) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu_set_cpl(cpu, 3);
    segment_set_flat(cpu, CS, (uint16_t)((sel + 16) | 3), FLAT_CODE | DESC_DPL);
    segment_set_flat(cpu, SS, (uint16_t)((sel + 24) | 3), FLAT_DATA | DESC_DPL);
    cpu->reg[ESP] = cpu->reg[ECX];
    cpu->eip = cpu->reg[EDX];
}
