/* SPDX-License-Identifier: MIT */
/*
 * System instructions: control and debug registers, descriptor tables, segment registers, rights
 * queries, flags, HLT, MSRs, CPUID. SDM volume 2; volume 3A chapters 2, 5, 17.
 */
#include "cpu/ops.h"
#include "cpu/segment.h"
#include "cpu/system.h"

static void need_cpl0(struct cpu *cpu)
{
    if (cpu->cpl != 0) { /* virtual-8086 mode runs at CPL 3 */
        cpu_raise(cpu, EXC_GP, 0);
    }
}

static void need_protected(struct cpu *cpu)
{
    if (!cpu_protected(cpu)) {
        cpu_raise_nc(cpu, EXC_UD);
    }
}

void op_UD(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    cpu_raise_nc(cpu, EXC_UD);
}

/* A 16-bit system value: the register form takes the operand size, the memory form is always a
 * word. */
static void store_word(struct cpu *cpu, const struct insn *i, const struct operand *o, uint32_t v)
{
    if (o->kind == OPD_REG) {
        reg_set(cpu, o->reg, i->opsize, v);
    } else {
        mem_store16(cpu, i->seg, insn_ea(cpu, i), (uint16_t)v);
    }
}

static uint16_t load_word(struct cpu *cpu, const struct insn *i, const struct operand *o)
{
    if (o->kind == OPD_REG) {
        return (uint16_t)cpu->reg[o->reg];
    }
    return mem_load16(cpu, i->seg, insn_ea(cpu, i));
}

static void set_zf(struct cpu *cpu, bool on)
{
    flags_set(cpu, (flags_get(cpu) & ~EFLAGS_ZF) | (on ? EFLAGS_ZF : 0));
}

/* ---- Descriptor-table registers ---- */

static void load_table(struct cpu *cpu, const struct insn *i, struct dtable *t)
{
    uint32_t ea = insn_ea(cpu, i), base;
    uint16_t limit;

    need_cpl0(cpu);
    limit = mem_load16(cpu, i->seg, ea);
    base = mem_load32(cpu, i->seg, (ea + 2) & insn_addr_mask(i));
    t->limit = limit;
    t->base = i->opsize == 2 ? base & 0xffffff : base;
}

static void store_table(struct cpu *cpu, const struct insn *i, const struct dtable *t)
{
    uint32_t ea = insn_ea(cpu, i);

    mem_check_write(cpu, i->seg, ea, 2);
    mem_check_write(cpu, i->seg, (ea + 2) & insn_addr_mask(i), 4);
    mem_store16(cpu, i->seg, ea, t->limit);
    mem_store32(cpu, i->seg, (ea + 2) & insn_addr_mask(i), t->base);
}

void op_LGDT(struct cpu *cpu, const struct insn *i)
{
    load_table(cpu, i, &cpu->gdtr);
}

void op_LIDT(struct cpu *cpu, const struct insn *i)
{
    load_table(cpu, i, &cpu->idtr);
}

void op_SGDT(struct cpu *cpu, const struct insn *i)
{
    store_table(cpu, i, &cpu->gdtr);
}

void op_SIDT(struct cpu *cpu, const struct insn *i)
{
    store_table(cpu, i, &cpu->idtr);
}

void op_SLDT(struct cpu *cpu, const struct insn *i)
{
    need_protected(cpu);
    store_word(cpu, i, &i->a, cpu->ldtr.sel);
}

void op_STR(struct cpu *cpu, const struct insn *i)
{
    need_protected(cpu);
    store_word(cpu, i, &i->a, cpu->tr.sel);
}

/* The system descriptor that LLDT and LTR name. */
static struct desc load_system_desc(struct cpu *cpu, uint16_t sel, unsigned type, unsigned or_type)
{
    struct desc d;
    unsigned found;

    if ((sel & SEL_TI) || !desc_load(cpu, sel, &d)) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(sel));
    }
    found = desc_attr(&d) & (DESC_S | DESC_TYPE);
    if (found != type && found != or_type) {
        cpu_raise(cpu, EXC_GP, SEL_ERROR(sel));
    }
    if (!desc_present(&d)) {
        cpu_raise(cpu, EXC_NP, SEL_ERROR(sel));
    }
    return d;
}

void op_LLDT(struct cpu *cpu, const struct insn *i)
{
    uint16_t sel;

    need_protected(cpu);
    need_cpl0(cpu);
    sel = load_word(cpu, i, &i->a);
    if (sel_is_null(sel)) {
        cpu->ldtr = (struct segment){.sel = sel};
    } else {
        struct desc d = load_system_desc(cpu, sel, SYS_LDT, SYS_LDT);

        cpu->ldtr = desc_segment(&d, sel);
    }
}

void op_LTR(struct cpu *cpu, const struct insn *i)
{
    struct desc d;
    uint16_t sel;

    need_protected(cpu);
    need_cpl0(cpu);
    sel = load_word(cpu, i, &i->a);
    if (sel_is_null(sel)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    d = load_system_desc(cpu, sel, SYS_TSS32, SYS_TSS16);
    desc_set_busy(cpu, sel, true);
    cpu->tr = desc_segment(&d, sel);
    cpu->tr.attr |= 2;
}

/* ---- Rights queries ---- */

/* May the current level (and the selector's) see that descriptor? */
static bool visible(const struct cpu *cpu, uint16_t sel, const struct desc *d)
{
    uint16_t attr = desc_attr(d);

    if (attr_is_code(attr) && (attr & DESC_C)) {
        return true;
    }
    return desc_dpl(d) >= cpu->cpl && desc_dpl(d) >= (sel & SEL_RPL);
}

#define TYPES_TSS_LDT                                                           \
    (1u << SYS_TSS16 | 1u << SYS_LDT | 1u << SYS_TSS16_BUSY | 1u << SYS_TSS32 | \
     1u << SYS_TSS32_BUSY)
#define TYPES_LSL TYPES_TSS_LDT
#define TYPES_LAR (TYPES_TSS_LDT | 1u << SYS_CALL16 | 1u << SYS_CALL32 | 1u << SYS_TASK_GATE)

/* LAR and LSL: false clears ZF. types: which system descriptors are valid. */
static bool query(struct cpu *cpu, const struct insn *i, uint32_t types, struct desc *d)
{
    uint16_t sel;

    need_protected(cpu);
    sel = load_word(cpu, i, &i->b);
    if (sel_is_null(sel) || !desc_load(cpu, sel, d) || !visible(cpu, sel, d)) {
        return false;
    }
    return (desc_attr(d) & DESC_S) || (types >> desc_type(d) & 1);
}

/* Bits 16-19, the limit's, are undefined by Intel's manual: they come along, as AMD's has it. */
void op_LAR(struct cpu *cpu, const struct insn *i)
{
    struct desc d;
    bool good = query(cpu, i, TYPES_LAR, &d);

    if (good) {
        reg_set(cpu, i->a.reg, i->opsize, d.hi & (i->opsize == 4 ? 0x00ffff00 : 0xff00));
    }
    set_zf(cpu, good);
}

void op_LSL(struct cpu *cpu, const struct insn *i)
{
    struct desc d;
    bool good = query(cpu, i, TYPES_LSL, &d);

    if (good) {
        reg_set(cpu, i->a.reg, i->opsize, desc_limit(&d));
    }
    set_zf(cpu, good);
}

static bool verify(struct cpu *cpu, const struct insn *i, bool write)
{
    struct desc d;
    uint16_t sel, attr;

    need_protected(cpu);
    sel = load_word(cpu, i, &i->a);
    if (sel_is_null(sel) || !desc_load(cpu, sel, &d) || !visible(cpu, sel, &d)) {
        return false;
    }
    attr = desc_attr(&d);
    if (write) {
        return attr_is_writable_data(attr);
    }
    return (attr & DESC_S) && (!attr_is_code(attr) || (attr & DESC_R));
}

void op_VERR(struct cpu *cpu, const struct insn *i)
{
    set_zf(cpu, verify(cpu, i, false));
}

void op_VERW(struct cpu *cpu, const struct insn *i)
{
    set_zf(cpu, verify(cpu, i, true));
}

void op_ARPL(struct cpu *cpu, const struct insn *i)
{
    uint32_t dst, rpl;

    need_protected(cpu);
    dst = opd_load(cpu, i, &i->a) & 0xffff; /* no write if there is nothing to adjust */
    rpl = cpu->reg[i->b.reg] & SEL_RPL;
    if ((dst & SEL_RPL) < rpl) {
        opd_store(cpu, i, &i->a, (dst & ~SEL_RPL) | rpl);
        set_zf(cpu, true);
    } else {
        set_zf(cpu, false);
    }
}

/* ---- Control registers ---- */

static bool is_386(const struct cpu *cpu)
{
    return !cpu_has(cpu, FEAT_I486);
}

static bool has_cr4(const struct cpu *cpu)
{
    return cpu_has(cpu, FEAT_VME) || cpu_has(cpu, FEAT_PSE) || cpu_has(cpu, FEAT_DE) ||
           cpu_has(cpu, FEAT_TSC) || cpu_has(cpu, FEAT_FXSR);
}

void cpu_write_cr0(struct cpu *cpu, uint32_t v)
{
    uint32_t old = cpu->mmu.cr0, valid = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_PG;

    if (!is_386(cpu)) {
        valid |= CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD;
    }
    v = (v & valid) | CR0_ET;
    if (((v & CR0_PG) && !(v & CR0_PE)) || ((v & CR0_NW) && !(v & CR0_CD)) ||
        !mmu_set_cr0(&cpu->mmu, v)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if ((v ^ old) & (CR0_PE | CR0_AM)) {
        segment_derive_all(cpu);
    }
}

static uint32_t cr4_valid(const struct cpu *cpu)
{
    static const struct {
        enum cpu_feature feature;
        uint32_t bits;
    } owns[] = {
        {FEAT_VME, CR4_VME | CR4_PVI}, {FEAT_TSC, CR4_TSD},  {FEAT_DE, CR4_DE},
        {FEAT_PSE, CR4_PSE},           {FEAT_PAE, CR4_PAE},  {FEAT_MCE, CR4_MCE},
        {FEAT_PGE, CR4_PGE},           {FEAT_CMOV, CR4_PCE}, {FEAT_FXSR, CR4_OSFXSR},
        {FEAT_SSE, CR4_OSXMMEXCPT},
    };
    uint32_t valid = 0;

    for (unsigned n = 0; n < ARRAY_LEN(owns); n++) {
        valid |= cpu_has(cpu, owns[n].feature) ? owns[n].bits : 0;
    }
    return valid;
}

void cpu_write_cr4(struct cpu *cpu, uint32_t v)
{
    if ((v & ~cr4_valid(cpu)) || !mmu_set_cr4(&cpu->mmu, v)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
}

void op_MOV_from_CR(struct cpu *cpu, const struct insn *i)
{
    uint32_t v;

    if (i->b.reg == 1 || i->b.reg > 4 || (i->b.reg == 4 && !has_cr4(cpu))) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    need_cpl0(cpu);
    switch (i->b.reg) {
    case 0: v = cpu->mmu.cr0; break;
    case 2: v = cpu->cr2; break;
    case 3: v = cpu->mmu.cr3; break;
    default: v = cpu->mmu.cr4; break;
    }
    cpu->reg[i->a.reg] = v;
}

void op_MOV_to_CR(struct cpu *cpu, const struct insn *i)
{
    uint32_t v = cpu->reg[i->b.reg];

    if (i->a.reg == 1 || i->a.reg > 4 || (i->a.reg == 4 && !has_cr4(cpu))) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    need_cpl0(cpu);
    switch (i->a.reg) {
    case 0: cpu_write_cr0(cpu, v); break;
    case 2: cpu->cr2 = v; break;
    case 3:
        if (!mmu_set_cr3(&cpu->mmu, v)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        break;
    default: cpu_write_cr4(cpu, v); break;
    }
}

void op_SMSW(struct cpu *cpu, const struct insn *i)
{
    store_word(cpu, i, &i->a, cpu->mmu.cr0);
}

void op_LMSW(struct cpu *cpu, const struct insn *i)
{
    uint32_t v;

    need_cpl0(cpu);
    v = load_word(cpu, i, &i->a) & (CR0_PE | CR0_MP | CR0_EM | CR0_TS);
    v |= cpu->mmu.cr0 & CR0_PE; /* it can be set, not cleared */
    cpu_write_cr0(cpu, (cpu->mmu.cr0 & ~0xfu) | v);
}

void op_CLTS(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    need_cpl0(cpu);
    mmu_set_cr0(&cpu->mmu, cpu->mmu.cr0 & ~CR0_TS);
}

/* Test registers, of the 386 and 486: they read as zero. */
void op_MOV_from_TR(struct cpu *cpu, const struct insn *i)
{
    if (cpu_has(cpu, FEAT_MSR) || i->b.reg < (is_386(cpu) ? 6 : 3)) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    need_cpl0(cpu);
    cpu->reg[i->a.reg] = 0;
}

void op_MOV_to_TR(struct cpu *cpu, const struct insn *i)
{
    if (cpu_has(cpu, FEAT_MSR) || i->a.reg < (is_386(cpu) ? 6 : 3)) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    need_cpl0(cpu);
}

/* ---- Debug registers ---- */

/* Which register is meant: DR4 and DR5 are DR6 and DR7 unless CR4.DE forbids them. */
static unsigned check_debug_register(struct cpu *cpu, unsigned n)
{
    if (n == 4 || n == 5) {
        if (cpu->mmu.cr4 & CR4_DE) {
            cpu_raise_nc(cpu, EXC_UD);
        }
        n += 2;
    }
    need_cpl0(cpu);
    if (cpu->dr[7] & DR7_GD) {
        cpu->dr[6] |= DR6_BD;
        cpu_raise_nc(cpu, EXC_DB);
    }
    return n;
}

void op_MOV_from_DR(struct cpu *cpu, const struct insn *i)
{
    unsigned n = check_debug_register(cpu, i->b.reg);

    cpu->reg[i->a.reg] = cpu->dr[n];
}

void op_MOV_to_DR(struct cpu *cpu, const struct insn *i)
{
    unsigned n = check_debug_register(cpu, i->a.reg);
    uint32_t v = cpu->reg[i->b.reg];

    if (n == 6) {
        v = (v & 0xe00f) | DR6_FIXED;
    } else if (n == 7) {
        v = (v & 0xffff23ff) | DR7_FIXED;
    }
    cpu->dr[n] = v;
    segment_derive_all(cpu);
}

/* ---- Caches, TLB, time, MSRs ---- */

void op_INVLPG(struct cpu *cpu, const struct insn *i)
{
    need_cpl0(cpu);
    mmu_invlpg(&cpu->mmu, cpu->seg[i->seg].base + insn_ea(cpu, i));
}

void op_INVD(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    need_cpl0(cpu);
}

void op_WBINVD(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    need_cpl0(cpu);
}

void op_HLT(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    need_cpl0(cpu);
    cpu->halted = true;
}

void op_RDTSC(struct cpu *cpu, const struct insn *i)
{
    uint64_t v;

    (void)i;
    if ((cpu->mmu.cr4 & CR4_TSD) && cpu->cpl != 0) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    v = cpu_tsc(cpu);
    cpu->reg[EAX] = (uint32_t)v;
    cpu->reg[EDX] = (uint32_t)(v >> 32);
}

/* The performance counters exist and stand still. */
void op_RDPMC(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    if ((!(cpu->mmu.cr4 & CR4_PCE) && cpu->cpl != 0) || cpu->reg[ECX] > 1) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu->reg[EAX] = cpu->reg[EDX] = 0;
}

void op_RDMSR(struct cpu *cpu, const struct insn *i)
{
    uint64_t v;

    (void)i;
    need_cpl0(cpu);
    if (!msr_read(cpu, cpu->reg[ECX], &v)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu->reg[EAX] = (uint32_t)v;
    cpu->reg[EDX] = (uint32_t)(v >> 32);
}

void op_WRMSR(struct cpu *cpu, const struct insn *i)
{
    (void)i;
    need_cpl0(cpu);
    if (!msr_write(cpu, cpu->reg[ECX], cpu->reg[EAX] | (uint64_t)cpu->reg[EDX] << 32)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
}

void op_CPUID(struct cpu *cpu, const struct insn *i)
{
    uint32_t out[4];

    (void)i;
    cpuid_leaf(cpu, cpu->reg[EAX], cpu->reg[ECX], out);
    cpu->reg[EAX] = out[0];
    cpu->reg[EBX] = out[1];
    cpu->reg[ECX] = out[2];
    cpu->reg[EDX] = out[3];
}

/* ---- Segment registers ---- */

void op_MOV_to_seg(struct cpu *cpu, const struct insn *i)
{
    unsigned s = i->a.reg;

    if (s == CS || s > GS) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    segment_load(cpu, s, load_word(cpu, i, &i->b));
    if (s == SS) {
        interp_inhibit_interrupts(cpu, SHADOW_MOV_SS);
    }
}

void op_MOV_from_seg(struct cpu *cpu, const struct insn *i)
{
    if (i->b.reg > GS) {
        cpu_raise_nc(cpu, EXC_UD);
    }
    store_word(cpu, i, &i->a, cpu->seg[i->b.reg].sel);
}

void op_PUSH_seg(struct cpu *cpu, const struct insn *i)
{
    stack_push(cpu, cpu->seg[i->a.reg].sel, i->opsize);
}

void op_POP_seg(struct cpu *cpu, const struct insn *i)
{
    uint32_t mask = stack_mask(cpu), esp = cpu->reg[ESP];
    uint16_t sel = (uint16_t)stack_peek(cpu, 0, i->opsize);

    segment_load(cpu, i->a.reg, sel);
    cpu->reg[ESP] = (esp & ~mask) | ((esp + i->opsize) & mask); /* at the size SS had before */
    if (i->a.reg == SS) {
        interp_inhibit_interrupts(cpu, SHADOW_MOV_SS);
    }
}

static void load_far_pointer(struct cpu *cpu, const struct insn *i, unsigned s)
{
    uint32_t ea = insn_ea(cpu, i), off = mem_load(cpu, i->seg, ea, i->opsize);

    segment_load(cpu, s, mem_load16(cpu, i->seg, (ea + i->opsize) & insn_addr_mask(i)));
    reg_set(cpu, i->a.reg, i->opsize, off);
}

void op_LES(struct cpu *cpu, const struct insn *i)
{
    load_far_pointer(cpu, i, ES);
}

void op_LDS(struct cpu *cpu, const struct insn *i)
{
    load_far_pointer(cpu, i, DS);
}

void op_LSS(struct cpu *cpu, const struct insn *i)
{
    load_far_pointer(cpu, i, SS);
}

void op_LFS(struct cpu *cpu, const struct insn *i)
{
    load_far_pointer(cpu, i, FS);
}

void op_LGS(struct cpu *cpu, const struct insn *i)
{
    load_far_pointer(cpu, i, GS);
}

/* ---- Flags ---- */

uint32_t eflags_writable(const struct cpu *cpu)
{
    return EFLAGS_STATUS | EFLAGS_TF | EFLAGS_DF | EFLAGS_NT |
           (cpu_has(cpu, FEAT_I486) ? EFLAGS_AC : 0) | (cpu_has(cpu, FEAT_CPUID) ? EFLAGS_ID : 0);
}

void op_PUSHF(struct cpu *cpu, const struct insn *i)
{
    uint32_t image = cpu_get_eflags(cpu);

    if (cpu_vm86(cpu) && !vm86_pushf_image(cpu, i->opsize, &image)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    stack_push(cpu, image & ~(EFLAGS_VM | EFLAGS_RF), i->opsize);
}

void op_POPF(struct cpu *cpu, const struct insn *i)
{
    uint32_t image, mask = eflags_writable(cpu);

    if (cpu_vm86(cpu)) {
        if (cpu_iopl(cpu) < 3 && !((cpu->mmu.cr4 & CR4_VME) && i->opsize == 2)) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        vm86_popf(cpu, stack_peek(cpu, 0, i->opsize), i->opsize);
        stack_adjust(cpu, i->opsize);
        return;
    }
    image = stack_peek(cpu, 0, i->opsize);
    if (cpu->cpl <= cpu_iopl(cpu)) {
        mask |= EFLAGS_IF;
    }
    if (cpu->cpl == 0) { /* real mode too */
        mask |= EFLAGS_IF | EFLAGS_IOPL;
    }
    cpu_set_eflags(cpu, image, i->opsize == 2 ? mask & 0xffff : mask);
    stack_adjust(cpu, i->opsize);
}

/* CLI and STI: is it IF that changes, VIF (VME, PVI), or nobody's? */
static uint32_t interrupt_flag(struct cpu *cpu)
{
    if (!(cpu->mmu.cr0 & CR0_PE)) {
        return EFLAGS_IF;
    }
    if (cpu_vm86(cpu) ? cpu_iopl(cpu) == 3 : cpu->cpl <= cpu_iopl(cpu)) {
        return EFLAGS_IF;
    }
    if (cpu->cpl == 3 && (cpu->mmu.cr4 & (cpu_vm86(cpu) ? CR4_VME : CR4_PVI))) {
        return EFLAGS_VIF;
    }
    cpu_raise(cpu, EXC_GP, 0);
}

void op_CLI(struct cpu *cpu, const struct insn *i)
{
    uint32_t flag = interrupt_flag(cpu);

    (void)i;
    cpu->eflags &= ~flag;
}

void op_STI(struct cpu *cpu, const struct insn *i)
{
    uint32_t flag = interrupt_flag(cpu);

    (void)i;
    if (flag == EFLAGS_VIF) {
        if (cpu->eflags & EFLAGS_VIP) {
            cpu_raise(cpu, EXC_GP, 0);
        }
        cpu->eflags |= EFLAGS_VIF;
    } else if (!(cpu->eflags & EFLAGS_IF)) {
        cpu->eflags |= EFLAGS_IF;
        interp_inhibit_interrupts(cpu, SHADOW_STI);
    }
}
