/* SPDX-License-Identifier: MIT */
/*
 * Model-specific registers, and the time-stamp counter. SDM volume 4.
 *
 * Those without an effect on this machine (memory types, machine check, microcode) are plain
 * storage in msr_misc[], so that an operating system that programs them finds what it wrote.
 */
#include "cpu/system.h"

enum {
    MSR_P5_MC_ADDR = 0x00,
    MSR_P5_MC_TYPE = 0x01,
    MSR_TSC = 0x10,
    MSR_PLATFORM_ID = 0x17,
    MSR_APIC_BASE = 0x1b,
    MSR_EBL_CR_POWERON = 0x2a,
    MSR_BIOS_UPDT_TRIG = 0x79,
    MSR_BIOS_SIGN_ID = 0x8b,
    MSR_BBL_CR_CTL = 0x119,
    MSR_MTRRCAP = 0xfe,
    MSR_SYSENTER_CS = 0x174,
    MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176,
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17a,
    MSR_MISC_ENABLE = 0x1a0,
    MSR_DEBUGCTL = 0x1d9,
    MSR_MTRR_PHYSBASE0 = 0x200,
    MSR_MTRR_FIX64K = 0x250,
    MSR_MTRR_FIX16K = 0x258,
    MSR_MTRR_FIX4K = 0x268,
    MSR_PAT = 0x277,
    MSR_MTRR_DEF_TYPE = 0x2ff,
    MSR_MC0_CTL = 0x400,
    MSR_EFER = 0xc0000080,
};

#define EFER_NXE (1u << 11)
#define MC_BANKS 4

#define APIC_BASE_BSP     (1u << 8)
#define APIC_BASE_ENABLED (1u << 11)
#define APIC_BASE_ADDRESS 0x0000000ffffff000u

/* Slots of msr_misc[]. */
enum {
    SLOT_MTRR_VARIABLE = 0, /* 16 */
    SLOT_MTRR_FIXED = 16,   /* 11 */
    SLOT_MTRR_DEF_TYPE = 27,
    SLOT_MISC_ENABLE = 28,
    SLOT_MCG_STATUS = 29,
    SLOT_APIC_BASE = 30,
    SLOT_EFER = 31,
    SLOT_MC = 32, /* 4 banks of 4 */
    SLOT_DEBUGCTL = 48,
    SLOT_POWERON = 49,
    SLOT_BBL_CTL = 50,
};

static bool family_p6(const struct cpu *cpu)
{
    return cpu_has(cpu, FEAT_CMOV);
}

static int fixed_mtrr_slot(uint32_t index)
{
    if (index == MSR_MTRR_FIX64K) {
        return SLOT_MTRR_FIXED;
    }
    if (index - MSR_MTRR_FIX16K < 2) {
        return SLOT_MTRR_FIXED + 1 + (int)(index - MSR_MTRR_FIX16K);
    }
    if (index - MSR_MTRR_FIX4K < 8) {
        return SLOT_MTRR_FIXED + 3 + (int)(index - MSR_MTRR_FIX4K);
    }
    return -1;
}

static int mtrr_slot(uint32_t index)
{
    if (index - MSR_MTRR_PHYSBASE0 < 16) {
        return SLOT_MTRR_VARIABLE + (int)(index - MSR_MTRR_PHYSBASE0);
    }
    return index == MSR_MTRR_DEF_TYPE ? SLOT_MTRR_DEF_TYPE : fixed_mtrr_slot(index);
}

/* The slot of an MSR that is plain storage; -1: it is not, or this model has it not. */
static int storage_slot(const struct cpu *cpu, uint32_t index)
{
    if (cpu_has(cpu, FEAT_MTRR) && mtrr_slot(index) >= 0) {
        return mtrr_slot(index);
    }
    if (cpu_has(cpu, FEAT_MCA) && index - MSR_MC0_CTL < MC_BANKS * 4) {
        return SLOT_MC + (int)(index - MSR_MC0_CTL);
    }
    if (!family_p6(cpu)) {
        return -1;
    }
    switch (index) {
    case MSR_MCG_STATUS: return cpu_has(cpu, FEAT_MCA) ? SLOT_MCG_STATUS : -1;
    case MSR_MISC_ENABLE: return SLOT_MISC_ENABLE;
    case MSR_APIC_BASE: return SLOT_APIC_BASE;
    case MSR_DEBUGCTL: return SLOT_DEBUGCTL;
    case MSR_EBL_CR_POWERON: return SLOT_POWERON;
    case MSR_BBL_CR_CTL: return SLOT_BBL_CTL;
    default: return -1;
    }
}

uint64_t cpu_tsc(struct cpu *cpu)
{
    return cpu->bus.tsc(cpu->bus.opaque) + cpu->tsc_offset;
}

static bool read_special(struct cpu *cpu, uint32_t index, uint64_t *v)
{
    *v = 0;
    switch (index) {
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE: return cpu_has(cpu, FEAT_MCE);
    case MSR_TSC: *v = cpu_tsc(cpu); return cpu_has(cpu, FEAT_TSC);
    case MSR_PLATFORM_ID:
    case MSR_BIOS_SIGN_ID: return family_p6(cpu);
    case MSR_MTRRCAP: *v = 0x508; return cpu_has(cpu, FEAT_MTRR); /* 8 ranges, fixed ones, WC */
    case MSR_SYSENTER_CS: *v = cpu->sysenter_cs; return cpu_has(cpu, FEAT_SEP);
    case MSR_SYSENTER_ESP: *v = cpu->sysenter_esp; return cpu_has(cpu, FEAT_SEP);
    case MSR_SYSENTER_EIP: *v = cpu->sysenter_eip; return cpu_has(cpu, FEAT_SEP);
    case MSR_MCG_CAP: *v = MC_BANKS; return cpu_has(cpu, FEAT_MCA);
    case MSR_PAT: *v = cpu->msr_pat; return cpu_has(cpu, FEAT_PAT);
    case MSR_EFER: *v = cpu->msr_misc[SLOT_EFER]; return cpu_has(cpu, FEAT_NX);
    default: return false;
    }
}

bool msr_read(struct cpu *cpu, uint32_t index, uint64_t *v)
{
    int slot = storage_slot(cpu, index);

    if (slot >= 0) {
        *v = cpu->msr_misc[slot];
        return true;
    }
    return read_special(cpu, index, v);
}

/* Every byte of a PAT is a memory type: 0, 1, 4 to 7. */
static bool pat_valid(uint64_t v)
{
    for (unsigned i = 0; i < 64; i += 8) {
        unsigned type = v >> i & 0xff;

        if (type > 7 || type == 2 || type == 3) {
            return false;
        }
    }
    return true;
}

static bool write_efer(struct cpu *cpu, uint64_t v)
{
    if (v & ~(uint64_t)EFER_NXE) {
        return false;
    }
    cpu->msr_misc[SLOT_EFER] = v;
    mmu_set_nx(&cpu->mmu, v & EFER_NXE);
    return true;
}

static bool write_special(struct cpu *cpu, uint32_t index, uint64_t v)
{
    switch (index) {
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE: return cpu_has(cpu, FEAT_MCE);
    case MSR_TSC:
        if (!cpu_has(cpu, FEAT_TSC)) {
            return false;
        }
        if (family_p6(cpu) && cpu_model_family(cpu) == 6) {
            v &= 0xffffffff; /* before family 15 the high half is cleared */
        }
        cpu->tsc_offset += v - cpu_tsc(cpu);
        return true;
    case MSR_BIOS_UPDT_TRIG:
    case MSR_BIOS_SIGN_ID: return family_p6(cpu);
    case MSR_SYSENTER_CS: cpu->sysenter_cs = (uint32_t)v; return cpu_has(cpu, FEAT_SEP);
    case MSR_SYSENTER_ESP: cpu->sysenter_esp = (uint32_t)v; return cpu_has(cpu, FEAT_SEP);
    case MSR_SYSENTER_EIP: cpu->sysenter_eip = (uint32_t)v; return cpu_has(cpu, FEAT_SEP);
    case MSR_PAT:
        if (!cpu_has(cpu, FEAT_PAT) || !pat_valid(v)) {
            return false;
        }
        cpu->msr_pat = v;
        return true;
    case MSR_EFER: return cpu_has(cpu, FEAT_NX) && write_efer(cpu, v);
    default: return false;
    }
}

bool msr_apic_enabled(const struct cpu *cpu)
{
    return cpu->msr_misc[SLOT_APIC_BASE] & APIC_BASE_ENABLED;
}

static bool write_apic_base(struct cpu *cpu, uint64_t v)
{
    if (v & ~(APIC_BASE_ADDRESS | APIC_BASE_ENABLED | APIC_BASE_BSP)) {
        return false;
    }
    cpu->msr_misc[SLOT_APIC_BASE] = v;
    if (cpu->bus.apic_base && cpu_has(cpu, FEAT_APIC)) {
        cpu->bus.apic_base(cpu->bus.opaque, v);
    }
    return true;
}

bool msr_write(struct cpu *cpu, uint32_t index, uint64_t v)
{
    int slot = storage_slot(cpu, index);

    if (slot == SLOT_APIC_BASE) {
        return write_apic_base(cpu, v);
    }
    if (slot >= 0) {
        cpu->msr_misc[slot] = v;
        return true;
    }
    return write_special(cpu, index, v);
}

void msr_reset(struct cpu *cpu)
{
    memset(cpu->msr_misc, 0, sizeof(cpu->msr_misc));
    cpu->msr_misc[SLOT_APIC_BASE] =
        0xfee00000 | APIC_BASE_BSP | (cpu_has(cpu, FEAT_APIC) ? APIC_BASE_ENABLED : 0);
    cpu->msr_misc[SLOT_MISC_ENABLE] = 1; /* fast strings */
    cpu->msr_pat = 0x0007040600070406;
    cpu->sysenter_cs = cpu->sysenter_esp = cpu->sysenter_eip = 0;
    mmu_set_nx(&cpu->mmu, false);
}
