/* SPDX-License-Identifier: MIT */
/*
 * Virtual-8086 mode: INT n, IRET, PUSHF and POPF under IOPL and the virtual-mode extensions
 * (CR4.VME). SDM volume 3B chapter 20. CLI and STI are in op_system.c, port access in op_io.c.
 */
#include "cpu/ops.h"
#include "cpu/segment.h"
#include "cpu/system.h"

#define IOPL3 EFLAGS_IOPL

static bool vme(const struct cpu *cpu)
{
    return cpu->mmu.cr4 & CR4_VME;
}

/* The bit of the interrupt redirection bitmap, the 32 bytes below the I/O bitmap: clear means 8086
 * style. */
static bool redirected_to_8086(struct cpu *cpu, uint8_t vector)
{
    uint32_t base;

    if (!(cpu->tr.attr & 8) || cpu->tr.limit < 0x67) {
        return false;
    }
    base = mmu_load16_sys(&cpu->mmu, cpu->tr.base + 0x66);
    if (base < 32 || base - 32 + vector / 8u > cpu->tr.limit) {
        return false;
    }
    return !(mmu_load8_sys(&cpu->mmu, cpu->tr.base + base - 32 + vector / 8u) >> (vector & 7) & 1);
}

/* The guest's own IVT at linear 0, its own stack. */
static void int_8086(struct cpu *cpu, uint8_t vector)
{
    struct far_stack st = far_stack_current(cpu, 2, 0);
    uint32_t flags = cpu_get_eflags(cpu), entry;

    far_stack_check(cpu, &st, 3);
    entry = mmu_load32(&cpu->mmu, vector * 4u);
    if (cpu_iopl(cpu) < 3) { /* IF stands for VIF */
        flags = (flags & ~EFLAGS_IF) | IOPL3 | (cpu->eflags & EFLAGS_VIF ? EFLAGS_IF : 0);
    }
    far_stack_push(cpu, &st, flags);
    far_stack_push(cpu, &st, cpu->seg[CS].sel);
    far_stack_push(cpu, &st, cpu->eip);
    far_stack_commit(cpu, &st);
    cpu_set_eflags(
        cpu, 0, EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | (cpu_iopl(cpu) < 3 ? EFLAGS_VIF : EFLAGS_IF));
    segment_set_real(cpu, CS, (uint16_t)(entry >> 16));
    cpu->eip = entry & 0xffff;
}

void vm86_int(struct cpu *cpu, uint8_t vector)
{
    if (vme(cpu) && redirected_to_8086(cpu, vector)) {
        int_8086(cpu, vector);
        return;
    }
    if (cpu_iopl(cpu) < 3) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    exception_deliver(cpu, vector, INT_SOFTWARE, false, 0);
}

/* With VME and IOPL < 3 IF means VIF; what must reach the monitor raises #GP(0). */
static void set_virtual_flags(struct cpu *cpu, uint32_t flags)
{
    if ((flags & EFLAGS_TF) || ((flags & EFLAGS_IF) && (cpu->eflags & EFLAGS_VIP))) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu_set_eflags(cpu, flags & EFLAGS_IF ? flags | EFLAGS_VIF : flags & ~EFLAGS_VIF,
                   (eflags_writable(cpu) & 0xffff) | EFLAGS_VIF | EFLAGS_RF);
}

void vm86_iret(struct cpu *cpu, unsigned size)
{
    uint32_t eip, flags;
    uint16_t cs;

    if (cpu_iopl(cpu) < 3 && !(vme(cpu) && size == 2)) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    eip = stack_peek(cpu, 0, size);
    cs = (uint16_t)stack_peek(cpu, size, size);
    flags = stack_peek(cpu, 2 * size, size);
    if (eip > 0xffff) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    if (cpu_iopl(cpu) < 3) {
        set_virtual_flags(cpu, flags & 0xffff);
    } else {
        uint32_t mask = eflags_writable(cpu) | EFLAGS_IF | EFLAGS_RF;

        cpu_set_eflags(cpu, flags, size == 2 ? mask & 0xffff : mask);
    }
    stack_adjust(cpu, (int32_t)(3 * size));
    segment_set_real(cpu, CS, cs);
    cpu->eip = eip;
}

/* From CPL 0, EFLAGS.VM set in the image: ESP, SS, ES, DS, FS and GS follow on the stack. */
void vm86_enter(struct cpu *cpu, uint32_t eip, uint16_t cs, uint32_t flags)
{
    static const uint8_t order[] = {SS, ES, DS, FS, GS};
    uint32_t esp = stack_peek(cpu, 12, 4);
    uint16_t sel[5];

    for (unsigned i = 0; i < 5; i++) {
        sel[i] = (uint16_t)stack_peek(cpu, 16 + 4 * i, 4);
    }
    if (eip > 0xffff) {
        cpu_raise(cpu, EXC_GP, 0);
    }
    cpu_set_eflags(cpu, flags,
                   eflags_writable(cpu) | EFLAGS_IF | EFLAGS_IOPL | EFLAGS_RF | EFLAGS_VM |
                       (cpu_has(cpu, FEAT_VME) ? EFLAGS_VIF | EFLAGS_VIP : 0));
    cpu_set_cpl(cpu, 3);
    segment_set_real(cpu, CS, cs);
    for (unsigned i = 0; i < 5; i++) {
        segment_set_real(cpu, order[i], sel[i]);
    }
    cpu->reg[ESP] = esp;
    cpu->eip = eip;
}

/* The image that PUSHF pushes in virtual-8086 mode; false: #GP(0). */
bool vm86_pushf_image(struct cpu *cpu, unsigned size, uint32_t *image)
{
    uint32_t flags = cpu_get_eflags(cpu);

    if (cpu_iopl(cpu) == 3) {
        *image = flags;
        return true;
    }
    if (!vme(cpu) || size != 2) {
        return false;
    }
    *image = (flags & ~EFLAGS_IF) | IOPL3 | (flags & EFLAGS_VIF ? EFLAGS_IF : 0);
    return true;
}

/* The caller has checked that POPF is allowed. */
void vm86_popf(struct cpu *cpu, uint32_t flags, unsigned size)
{
    if (cpu_iopl(cpu) < 3) {
        set_virtual_flags(cpu, flags & 0xffff);
    } else {
        uint32_t mask = eflags_writable(cpu) | EFLAGS_IF;

        cpu_set_eflags(cpu, flags, size == 2 ? mask & 0xffff : mask);
    }
}
