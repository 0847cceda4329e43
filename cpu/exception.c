/* SPDX-License-Identifier: MIT */
/*
 * Raising exceptions and delivering them, and interrupts, through the IVT or the IDT. SDM volume 3A
 * chapter 6; double faults by table 6-5.
 *
 * A delivery checks everything before it changes anything: if it raises, the CPU is as it was.
 */
#include <string.h>

#include "base/log.h"
#include "cpu/flags.h"
#include "cpu/segment.h"
#include "cpu/system.h"

#define ERROR_EXT 1u
#define ERROR_IDT 2u

_Noreturn static void raise_exception(struct cpu *cpu, enum exception vector, bool has_code,
                                      uint32_t code)
{
    cpu->exc_vector = (uint8_t)vector;
    cpu->exc_has_code = has_code;
    cpu->exc_code = code;
    longjmp(cpu->raise_env, 1);
}

void cpu_raise(struct cpu *cpu, enum exception vector, uint32_t code)
{
    raise_exception(cpu, vector, true, code);
}

void cpu_raise_nc(struct cpu *cpu, enum exception vector)
{
    raise_exception(cpu, vector, false, 0);
}

/* ---- Real mode ---- */

static void deliver_real(struct cpu *cpu, uint8_t vector)
{
    struct far_stack st = far_stack_current(cpu, 2, 0);
    uint32_t entry;

    if (vector * 4u + 3 > cpu->idtr.limit) {
        cpu_raise(cpu, EXC_GP, vector * 8u + ERROR_IDT);
    }
    far_stack_check(cpu, &st, 3);
    entry = mmu_load32_sys(&cpu->mmu, cpu->idtr.base + vector * 4u);
    if ((entry & 0xffff) > cpu->seg[CS].limit) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    far_stack_push(cpu, &st, cpu_get_eflags(cpu));
    far_stack_push(cpu, &st, cpu->seg[CS].sel);
    far_stack_push(cpu, &st, cpu->eip);
    far_stack_commit(cpu, &st);
    cpu_set_eflags(cpu, 0, EFLAGS_IF | EFLAGS_TF | EFLAGS_AC | EFLAGS_RF);
    segment_set_real(cpu, CS, (uint16_t)(entry >> 16));
    cpu->eip = entry & 0xffff;
}

/* ---- Protected mode ---- */

struct event {
    uint8_t vector;
    uint32_t ext; /* of the error codes that the delivery itself raises */
    bool has_code;
    uint32_t code;
    uint32_t flags; /* as pushed */
};

static void check_gate(struct cpu *cpu, const struct event *ev, const struct desc *gate,
                       bool software)
{
    uint32_t error = ev->vector * 8u + ERROR_IDT;

    switch (desc_attr(gate) & (DESC_S | DESC_TYPE)) {
    case SYS_TASK_GATE:
    case SYS_INT16:
    case SYS_TRAP16:
    case SYS_INT32:
    case SYS_TRAP32: break;
    default: cpu_raise(cpu, EXC_GP, error | ev->ext);
    }
    if (software && desc_dpl(gate) < cpu->cpl) {
        cpu_raise(cpu, EXC_GP, error);
    }
    if (!desc_present(gate)) {
        cpu_raise(cpu, EXC_NP, error | ev->ext);
    }
}

/* The handler's code segment; returns the level it runs at. */
static unsigned check_target(struct cpu *cpu, const struct event *ev, uint16_t sel, struct desc *cs)
{
    uint32_t error = SEL_ERROR(sel) | ev->ext;
    uint16_t attr;

    if (sel_is_null(sel)) {
        cpu_raise(cpu, EXC_GP, ev->ext);
    }
    if (!desc_load(cpu, sel, cs)) {
        cpu_raise(cpu, EXC_GP, error);
    }
    attr = desc_attr(cs);
    if (!attr_is_code(attr) || desc_dpl(cs) > cpu->cpl) {
        cpu_raise(cpu, EXC_GP, error);
    }
    if (!desc_present(cs)) {
        cpu_raise(cpu, EXC_NP, error);
    }
    if (attr & DESC_C) {
        return cpu->cpl;
    }
    return desc_dpl(cs);
}

static void push_common(struct cpu *cpu, struct far_stack *st, const struct event *ev)
{
    far_stack_push(cpu, st, ev->flags);
    far_stack_push(cpu, st, cpu->seg[CS].sel);
    far_stack_push(cpu, st, cpu->eip);
    if (ev->has_code) {
        far_stack_push(cpu, st, ev->code);
    }
}

static void enter_handler(struct cpu *cpu, const struct desc *gate, const struct segment *cs,
                          uint32_t eip)
{
    uint32_t clear = EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM;

    if (!(desc_type(gate) & 1)) { /* an interrupt gate, not a trap gate */
        clear |= EFLAGS_IF;
    }
    cpu_set_eflags(cpu, 0, clear);
    segment_set(cpu, CS, *cs);
    cpu->eip = eip;
}

/* To a more privileged level, with its stack from the TSS; from virtual-8086 mode too. */
static void deliver_inner(struct cpu *cpu, const struct event *ev, const struct desc *gate,
                          struct segment *cs, uint32_t eip, unsigned cpl)
{
    static const uint8_t data[] = {GS, FS, DS, ES};
    unsigned size = desc_type(gate) & 8 ? 4 : 2;
    bool vm = cpu_vm86(cpu);
    struct desc ss_desc;
    struct far_stack st = far_stack_inner(cpu, cpl, size, ev->ext, &ss_desc);

    far_stack_check(cpu, &st, (vm ? 9 : 5) + ev->has_code);
    if (eip > cs->limit) {
        cpu_raise(cpu, EXC_GP, ev->ext);
    }
    desc_set_accessed(cpu, st.ss.sel, &ss_desc);
    st.ss.attr |= DESC_A;
    if (vm) {
        for (unsigned i = 0; i < 4; i++) {
            far_stack_push(cpu, &st, cpu->seg[data[i]].sel);
        }
    }
    far_stack_push(cpu, &st, cpu->seg[SS].sel);
    far_stack_push(cpu, &st, cpu->reg[ESP]);
    push_common(cpu, &st, ev);

    cs->sel = (uint16_t)((cs->sel & ~SEL_RPL) | cpl);
    enter_handler(cpu, gate, cs, eip);
    cpu_set_cpl(cpu, cpl);
    if (vm) {
        for (unsigned i = 0; i < 4; i++) {
            segment_set_null(cpu, data[i], 0);
        }
    }
    segment_set(cpu, SS, st.ss);
    far_stack_commit(cpu, &st);
}

static void deliver_same(struct cpu *cpu, const struct event *ev, const struct desc *gate,
                         struct segment *cs, uint32_t eip)
{
    struct far_stack st = far_stack_current(cpu, desc_type(gate) & 8 ? 4 : 2, ev->ext);

    far_stack_check(cpu, &st, 3 + ev->has_code);
    if (eip > cs->limit) {
        cpu_raise(cpu, EXC_GP, ev->ext);
    }
    push_common(cpu, &st, ev);
    far_stack_commit(cpu, &st);
    cs->sel = (uint16_t)((cs->sel & ~SEL_RPL) | cpu->cpl);
    enter_handler(cpu, gate, cs, eip);
}

static void deliver_protected(struct cpu *cpu, const struct event *ev, bool software)
{
    struct desc gate, cs_desc;
    struct segment cs;
    uint16_t sel;
    uint32_t eip;
    unsigned cpl;

    if (ev->vector * 8u + 7 > cpu->idtr.limit) {
        cpu_raise(cpu, EXC_GP, ev->vector * 8u + ERROR_IDT + ev->ext);
    }
    gate.lo = mmu_load32_sys(&cpu->mmu, cpu->idtr.base + ev->vector * 8u);
    gate.hi = mmu_load32_sys(&cpu->mmu, cpu->idtr.base + ev->vector * 8u + 4);
    check_gate(cpu, ev, &gate, software);
    sel = (uint16_t)(gate.lo >> 16);
    if (desc_type(&gate) == SYS_TASK_GATE) {
        cpu->eflags |= ev->flags & EFLAGS_RF; /* goes into the old TSS */
        task_switch(cpu, sel, TASK_INT, ev->ext, ev->has_code ? &ev->code : NULL);
        return;
    }
    eip = gate.lo & 0xffff;
    if (desc_type(&gate) & 8) {
        eip |= gate.hi & 0xffff0000;
    }
    cpl = check_target(cpu, ev, sel, &cs_desc);
    if (cpu_vm86(cpu) && cpl != 0) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(sel) | ev->ext);
    }
    desc_set_accessed(cpu, sel, &cs_desc);
    cs = desc_segment(&cs_desc, sel);
    if (cpl < cpu->cpl) {
        deliver_inner(cpu, ev, &gate, &cs, eip, cpl);
    } else {
        deliver_same(cpu, ev, &gate, &cs, eip);
    }
}

/* Exceptions that are reported before the instruction is done push RF, so that it restarts
 * unhindered. */
static bool is_fault(uint8_t vector)
{
    return vector != EXC_DB && vector != EXC_NMI && vector != EXC_BP && vector != EXC_OF &&
           vector != EXC_DF && vector != EXC_MC;
}

void exception_deliver(struct cpu *cpu, uint8_t vector, enum int_kind kind, bool has_code,
                       uint32_t code)
{
    struct event ev = {
        .vector = vector,
        .ext = kind == INT_SOFTWARE ? 0 : ERROR_EXT,
        .has_code = has_code,
        .code = code,
        .flags = cpu_get_eflags(cpu),
    };

    if (kind == INT_SOFTWARE || kind == INT_ICEBP) {
        ev.flags &= ~EFLAGS_RF; /* the instruction is done: it ends what an IRET set */
    }

    if (!(cpu->mmu.cr0 & CR0_PE)) {
        deliver_real(cpu, vector);
    } else {
        if (kind == INT_EXCEPTION && is_fault(vector)) {
            ev.flags |= EFLAGS_RF;
        }
        deliver_protected(cpu, &ev, kind == INT_SOFTWARE);
    }
    if (vector == EXC_DB && kind != INT_SOFTWARE) {
        cpu->dr[7] &= ~DR7_GD;
    }
}

/* ---- Double and triple fault ---- */

enum fault_class { BENIGN, CONTRIBUTORY, PAGE_FAULT };

static enum fault_class fault_class(uint8_t vector)
{
    switch (vector) {
    case EXC_DE:
    case EXC_TS:
    case EXC_NP:
    case EXC_SS:
    case EXC_GP: return CONTRIBUTORY;
    case EXC_PF: return PAGE_FAULT;
    default: return BENIGN;
    }
}

/* A second exception while the first is delivered; false: shutdown. */
static bool combine(struct cpu *cpu, uint8_t first)
{
    enum fault_class a = fault_class(first), b = fault_class(cpu->exc_vector);

    if (first == EXC_DF && b != BENIGN) {
        log_guest(CPU, "triple fault at %04x:%08x", cpu->seg[CS].sel, cpu->eip);
        return false;
    }
    if ((a == CONTRIBUTORY && b == CONTRIBUTORY) || (a == PAGE_FAULT && b != BENIGN)) {
        cpu->exc_vector = EXC_DF;
        cpu->exc_has_code = true;
        cpu->exc_code = 0;
    }
    return true;
}

/*
 * If the delivery raises, the run loop calls this again with the new exception; exc_delivering then
 * still says which one was being delivered.
 */
bool exception_handle(struct cpu *cpu)
{
    bool alive = true;

    if (cpu->exc_delivering) {
        alive = combine(cpu, cpu->exc_delivering - 1);
    }
    if (alive) {
        cpu->exc_delivering = (uint8_t)(cpu->exc_vector + 1);
        exception_deliver(cpu, cpu->exc_vector, INT_EXCEPTION, cpu->exc_has_code, cpu->exc_code);
    }
    cpu->exc_delivering = 0;
    return alive;
}
