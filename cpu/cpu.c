/* SPDX-License-Identifier: MIT */
/*
 * Making, resetting and describing a CPU. SDM volume 3A section 9.1 has the reset values.
 */
#include "cpu/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "cpu/flags.h"
#include "cpu/code.h"
#include "cpu/ops.h"
#include "cpu/system.h"

static void page_fault(void *opaque, linear_addr_t addr, uint32_t error_code)
{
    struct cpu *cpu = opaque;

    cpu->cr2 = addr;
    cpu_raise(cpu, EXC_PF, error_code);
}

struct cpu *cpu_create(const char *model, struct physmem *pm, const struct cpu_bus *bus,
                       char **error)
{
    struct cpu *cpu = xcalloc(1, sizeof(*cpu));

    cpu->model = cpu_model_parse(model, &cpu->features, error);
    if (!cpu->model) {
        free(cpu);
        return NULL;
    }
    cpu->bus = *bus;
    mmu_init(&cpu->mmu, pm, page_fault, cpu);
    cpu->code = code_new(cpu);
    cpu_reset(cpu);
    return cpu;
}

void cpu_destroy(struct cpu *cpu)
{
    code_free(cpu);
    mmu_destroy(&cpu->mmu);
    cpu_model_free(cpu->model);
    free(cpu);
}

static void reset_segment(struct segment *s, uint16_t sel, uint32_t base, uint16_t attr)
{
    *s = (struct segment){.sel = sel, .base = base, .limit = 0xffff, .attr = attr};
}

static void reset_fpu(struct fpu *f)
{
    memset(f, 0, sizeof(*f));
    f->cw = 0x40; /* not FNINIT's value: SDM 3A table 9-1 */
    f->empty = 0; /* tags 01b (zero): nothing is empty, all registers hold +0 */
}

void cpu_reset(struct cpu *cpu)
{
    const uint16_t data = DESC_P | DESC_S | DESC_W | DESC_A;

    memset(cpu->reg, 0, sizeof(cpu->reg));
    cpu->eip = 0xfff0;
    cpu->eflags = EFLAGS_1;
    flags_set(cpu, 0);
    for (unsigned s = 0; s < 6; s++) {
        reset_segment(&cpu->seg[s], 0, 0, data);
    }
    reset_segment(&cpu->seg[CS], 0xf000, 0xffff0000, data | DESC_CODE);
    reset_segment(&cpu->ldtr, 0, 0, DESC_P | 2);
    reset_segment(&cpu->tr, 0, 0, DESC_P | 11);
    cpu->gdtr = cpu->idtr = (struct dtable){0, 0xffff};
    cpu->cr2 = 0;
    memset(cpu->dr, 0, sizeof(cpu->dr));
    cpu->dr[6] = DR6_FIXED;
    cpu->dr[7] = DR7_FIXED;
    cpu->halted = cpu->nmi_blocked = cpu->nmi_pending = false;
    cpu->int_shadow = 0;
    cpu->debug_pending = 0;
    cpu->exc_delivering = 0;
    cpu->tsc_offset = 0;
    reset_fpu(&cpu->fpu);
    memset(cpu->xmm, 0, sizeof(cpu->xmm));
    cpu->mxcsr = 0x1f80;
    mmu_set_cr4(&cpu->mmu, 0);
    mmu_set_nx(&cpu->mmu, false);
    mmu_set_cr0(&cpu->mmu, CR0_CD | CR0_NW | CR0_ET);
    mmu_set_cr3(&cpu->mmu, 0);
    cpu_set_cpl(cpu, 0);
    cpu_model_reset(cpu);
    segment_derive_all(cpu);
    mmu_flush(&cpu->mmu);
}

/* ---- saved state ---- */

static const struct state_field segment_state[] = {
    STATE(struct segment, sel),
    STATE(struct segment, attr),
    STATE(struct segment, base),
    STATE(struct segment, limit),
    STATE_END,
};

static const struct state_field dtable_state[] = {
    STATE(struct dtable, base),
    STATE(struct dtable, limit),
    STATE_END,
};

static const struct state_field f80_state[] = {
    STATE(struct f80, mant),
    STATE(struct f80, sexp),
    STATE_END,
};

static const struct state_field fpu_state[] = {
    STATE_SUBS(struct fpu, st, struct f80, 8, f80_state),
    STATE(struct fpu, cw),
    STATE(struct fpu, sw),
    STATE(struct fpu, top),
    STATE(struct fpu, empty),
    STATE(struct fpu, fop),
    STATE(struct fpu, fcs),
    STATE(struct fpu, fds),
    STATE(struct fpu, fip),
    STATE(struct fpu, fdp),
    STATE_END,
};

static const struct state_field xmm_state[] = {
    STATE(union xmm, u64),
    STATE_END,
};

static const struct state_field mmu_state[] = {
    STATE(struct mmu, cr0),
    STATE(struct mmu, cr3),
    STATE(struct mmu, cr4),
    STATE(struct mmu, nx),
    STATE(struct mmu, user),
    STATE(struct mmu, pdpte),
    STATE_END,
};

const struct state_field cpu_state[] = {
    STATE(struct cpu, reg),
    STATE(struct cpu, eip),
    STATE(struct cpu, eflags),
    STATE(struct cpu, lf_res),
    STATE(struct cpu, lf_aux),
    STATE_SUBS(struct cpu, seg, struct segment, 6, segment_state),
    STATE_SUB(struct cpu, ldtr, struct segment, segment_state),
    STATE_SUB(struct cpu, tr, struct segment, segment_state),
    STATE_SUB(struct cpu, gdtr, struct dtable, dtable_state),
    STATE_SUB(struct cpu, idtr, struct dtable, dtable_state),
    STATE(struct cpu, cr2),
    STATE(struct cpu, dr),
    STATE(struct cpu, cpl),
    STATE(struct cpu, halted),
    STATE(struct cpu, nmi_blocked),
    STATE(struct cpu, int_shadow),
    STATE(struct cpu, nmi_pending),
    STATE(struct cpu, intr),
    STATE(struct cpu, icount),
    STATE(struct cpu, debug_pending),
    STATE(struct cpu, tsc_offset),
    STATE(struct cpu, sysenter_cs),
    STATE(struct cpu, sysenter_esp),
    STATE(struct cpu, sysenter_eip),
    STATE(struct cpu, msr_pat),
    STATE(struct cpu, msr_misc),
    STATE_SUB(struct cpu, fpu, struct fpu, fpu_state),
    STATE_SUBS(struct cpu, xmm, union xmm, 8, xmm_state),
    STATE(struct cpu, mxcsr),
    STATE_SUB(struct cpu, mmu, struct mmu, mmu_state),
    STATE_END,
};

void cpu_make_canonical(struct cpu *cpu)
{
    flags_set(cpu, flags_get(cpu));
}

void cpu_loaded(struct cpu *cpu)
{
    mmu_set_user(&cpu->mmu, cpu->mmu.user);
    mmu_flush(&cpu->mmu);
    segment_derive_all(cpu);
    interp_flush_code(cpu);
    interp_loaded(cpu);
}
